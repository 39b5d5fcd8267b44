/** The activities that a report proposes: looked at, with a cost for one village where the budget names none, then downloaded. */

import { ROOT, fetchJson } from "../../static/app/data.js";
import { currentLanguage, t, translated, whole } from "../../static/i18n/i18n.js";
import { el, hint } from "../../static/ui/dom.js";
import { numberField, typed } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { longTable } from "../../static/ui/tables.js";
import { problemBox, submitForm } from "./shell.js";

const FIRST = 8;
const rupiah = (value) => (value === null ? "" : whole(value));

/** Parts of the page for the proposal of an area and period. */
export function proposalParts({ area, period }) {
  const state = { cost: "" };
  const place = el("div", {});
  const query = (more = {}) => {
    const cost = typed(state.cost);
    return new URLSearchParams({ period, ...(cost === undefined ? {} : { unit_cost: cost }), ...more });
  };
  const link = (ending, key) => el("a", {
    class: "button", download: "",
    href: new URL(`v1/reports/${area}/proposal.${ending}?${query({ lang: currentLanguage() })}`, ROOT).href,
  }, t(key));

  async function look() {
    try {
      const proposal = await fetchJson(`v1/reports/${area}/proposal?${query()}`);
      place.replaceChildren(...found(proposal));
    } catch (error) {
      place.replaceChildren(problemBox(errorText(error)));
    }
  }

  function found({ rows, notes }) {
    const known = rows.map(({ ceiling }) => ceiling).filter((value) => value !== null);
    const columns = [
      ["web_desk.proposal_place", ({ places, area_code: code }) => `${places.filter(Boolean).at(-1) ?? code} ${code}`],
      ["web_desk.proposal_activity", ({ code, name }) => [code, name].filter(Boolean).join(" ")],
      ["web_desk.report_target", ({ target, unit }) => [rupiah(target), unit].filter(Boolean).join(" "), true],
      ["web_desk.proposal_ceiling", ({ ceiling }) => rupiah(ceiling), true],
    ].map(([key, value, number]) => ({ title: t(key), value, number }));
    return [
      rows.length > 0 ? longTable(t("web_desk.report_proposal"), columns, rows, FIRST) : "",
      known.length > 0 ? el("p", { role: "status" }, t("web_desk.proposal_sum", {
        sum: whole(known.reduce((sum, value) => sum + value, 0)), rows: whole(known.length), all: whole(rows.length),
      })) : "",
      ...notes.map((text) => hint(translated(text))),
      rows.length > 0 ? el("p", { class: "row actions" }, link("xlsx", "web_desk.report_proposal_xlsx"), link("tsv", "web_desk.report_proposal_tsv")) : "",
    ];
  }

  return [
    el("h4", {}, t("web_desk.report_proposal")),
    hint(t("web_desk.report_proposal_help")),
    submitForm(look, t("web_desk.proposal_look"), { class: "quiet" },
      numberField(state, "cost", { id: "proposal-cost", label: t("web_desk.proposal_cost"), min: 0, hint: t("web_desk.proposal_cost_help") })),
    place,
  ];
}
