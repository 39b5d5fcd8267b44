/** Scenarios that are kept: one's own and those shared within the tier. */

import { ROOT, fetchJson } from "../../static/app/data.js";
import { announce, el } from "../../static/ui/dom.js";
import { t } from "../../static/i18n/i18n.js";
import { errorKey } from "../../static/ui/messages.js";
import { inWords } from "./refusals.js";
import { problemBox } from "./shell.js";

const MOST = 3;

/** `open(id)`, `compare(ids)` and `draw()` are the room's. */
export function savedList(context, { open, compare, draw }) {
  let cards = null;
  let chosen = [];
  let problem = "";

  const path = (id) => `v1/scenarios/${encodeURIComponent(id)}`;

  async function load() {
    try {
      cards = (await fetchJson("v1/scenarios")).scenarios;
      chosen = chosen.filter((id) => cards.some((card) => card.id === id));
      problem = "";
    } catch (error) {
      problem = inWords(error.detail ?? "") || t(errorKey(error));
    }
    draw();
  }

  async function change(card, options) {
    try {
      await fetchJson(path(card.id), options);
    } catch (error) {
      problem = inWords(error.detail ?? "") || t(errorKey(error));
    }
    await load();
  }

  function render(current) {
    if (!cards?.length) return problem ? problemBox(problem) : null;
    return el(
      "section",
      {},
      el("h3", {}, t("s_saved")),
      problemBox(problem),
      el("p", { class: "hint" }, t("s_savedHelp")),
      el("ul", { class: "cards" }, cards.map((card) => item(card, current))),
      el("p", { class: "row actions" }, el("button", {
        type: "button", id: "s-compare", disabled: chosen.length < 2, onclick: () => compare(chosen),
      }, t("s_compare", { count: chosen.length }))),
    );
  }

  function item(card, current) {
    const count = Object.values(card.changes ?? {}).reduce((sum, n) => sum + n, 0);
    const facts = [t("s_changeCount", { count }), t(card.mine ? "s_mine" : "s_others"), card.shared ? t("s_sharedNow") : null, card.re_evaluated ? t("s_olderRelease") : null];
    const label = (key) => ({ "aria-label": `${t(key)}: ${card.name}` });
    return el(
      "li",
      { "data-key": card.id, "aria-current": card.id === current ? "true" : null },
      el("label", { class: "row" },
        el("input", {
          type: "checkbox", name: `compare-${card.id}`, checked: chosen.includes(card.id),
          disabled: !chosen.includes(card.id) && chosen.length >= MOST,
          "aria-label": t("s_chooseForComparison", { name: card.name }),
          onchange: (event) => {
            chosen = event.target.checked ? [...chosen, card.id] : chosen.filter((id) => id !== card.id);
            draw();
          },
        }),
        el("strong", {}, card.name || card.id)),
      el("small", {}, facts.filter(Boolean).join(" · ")),
      el("p", { class: "row actions" },
        el("button", { type: "button", class: "quiet", ...label("s_open"), onclick: () => open(card.id) }, t("s_open")),
        el("button", { type: "button", class: "quiet", ...label("s_link"), onclick: () => link(card) }, t("s_link")),
        card.mine ? el("button", { type: "button", class: "quiet", ...label(card.shared ? "s_unshare" : "s_share"), onclick: () =>
          change(card, { method: "PATCH", body: { shared: !card.shared } }) }, t(card.shared ? "s_unshare" : "s_share")) : null,
        card.mine ? el("button", { type: "button", class: "quiet", ...label("s_delete"), onclick: () =>
          change(card, { method: "DELETE" }) }, t("s_delete")) : null),
    );
  }

  /** The address that opens a scenario; it carries no access. */
  async function link(card) {
    const address = new URL(`#tab=work&work=scenario:${card.id}`, ROOT).href;
    try {
      await navigator.clipboard.writeText(address);
      announce(t("s_copied"));
      problem = "";
    } catch {
      problem = address;
    }
    draw();
  }

  return { load, render };
}
