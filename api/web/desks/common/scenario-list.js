/** Stored scenarios: the account's and those shared within the tier. */

import { ROOT, fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { t } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
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
      problem = errorText(error);
    }
    draw();
  }

  async function change(card, options) {
    try {
      await fetchJson(path(card.id), options);
    } catch (error) {
      problem = errorText(error);
    }
    await load();
  }

  function render(current) {
    if (!cards?.length) return problem ? problemBox(problem) : null;
    return el(
      "section",
      {},
      el("h3", {}, t("web_desk.scenario_saved")),
      problemBox(problem),
      hint(t("web_desk.scenario_saved_help")),
      el("ul", { class: "cards" }, cards.map((card) => item(card, current))),
      el("p", { class: "row actions" }, el("button", {
        type: "button", id: "s-compare", disabled: chosen.length < 2, onclick: () => compare(chosen),
      }, t("web_desk.scenario_compare", { count: chosen.length }))),
    );
  }

  function item(card, current) {
    const count = Object.values(card.changes ?? {}).reduce((sum, n) => sum + n, 0);
    const facts = [t("web_desk.scenario_change_count", { count }), t(card.mine ? "web_desk.scenario_own" : "web_desk.scenario_colleague"), card.shared ? t("web_desk.scenario_shared") : null, card.re_evaluated ? t("web_desk.scenario_older_release") : null];
    const action = (key, onclick) => quietButton(t(key), onclick, { "aria-label": `${t(key)}: ${card.name}` });
    return el(
      "li",
      { "data-key": card.id, "aria-current": card.id === current ? "true" : null },
      el("label", { class: "row" },
        el("input", {
          type: "checkbox", name: `compare-${card.id}`, checked: chosen.includes(card.id),
          disabled: !chosen.includes(card.id) && chosen.length >= MOST,
          "aria-label": t("web_desk.scenario_choose_for_comparison", { name: card.name }),
          onchange: (event) => {
            chosen = event.target.checked ? [...chosen, card.id] : chosen.filter((id) => id !== card.id);
            draw();
          },
        }),
        el("strong", {}, card.name || card.id)),
      el("small", {}, facts.filter(Boolean).join(" · ")),
      el("p", { class: "row actions" },
        action("web_desk.scenario_open", () => open(card.id)),
        action("web_desk.scenario_link", () => link(card)),
        card.mine ? [
          action(card.shared ? "web_desk.scenario_unshare" : "web_desk.scenario_share", () =>
            change(card, { method: "PATCH", body: { shared: !card.shared } })),
          action("web_desk.scenario_delete", () => change(card, { method: "DELETE" })),
        ] : null),
    );
  }

  /** The address that opens a scenario; it carries no access. */
  async function link(card) {
    const address = new URL(`#tab=work&work=scenario:${card.id}`, ROOT).href;
    try {
      await navigator.clipboard.writeText(address);
      announce(t("web_desk.scenario_copied"));
      problem = "";
    } catch {
      problem = address;
    }
    draw();
  }

  return { load, render };
}
