/** The tables of a scenario's result, and of several side by side. */

import { el, hint } from "../../static/ui/dom.js";
import { percent, persons, t, title, translated } from "../../static/i18n/i18n.js";
import { CHANGE_CUTS } from "../../static/map/palette.js";
import { change, longTable, shareOf, signedShare, table } from "../../static/ui/tables.js";

const shareChange = (value) => change(value, signedShare);
const PARTS = [["areas", "web_desk.scenario_areas"], ["terminals", "layer.terminals.title"], ["corridors", "layer.corridors.title"]];
const nameOf = (row) => row.name ?? title("measure", row.measure);

/** Headings and tables of one result, only with rows that change. `help` gives the key of a table's help text by its part. */
export function scenarioTables(result, help) {
  const parts = [];
  const columns = [
    { title: t("web_desk.name_column"), value: nameOf },
    { title: t("web_desk.view_before"), value: (row) => persons(row.before), number: true },
    { title: t("web_desk.view_after"), value: (row) => persons(row.after), number: true },
    { title: t("web_desk.change_column"), value: (row) => change(row.change), number: true },
  ];
  if (result.total?.length) parts.push(el("h3", {}, t("web_desk.scenario_total")), table(t("web_desk.scenario_total"), columns, result.total));
  for (const [part, heading] of PARTS) {
    const rows = result[part] ?? [];
    if (rows.length === 0) continue;
    const shares = rows[0].change_share !== undefined;
    const share = (row) => shareChange(shareOf(row));
    // Of areas the map shows the share: it stands in both forms of the table.
    const both = (row) => el("span", {}, change(row.change), el("br"), el("small", {}, share(row)));
    const last = { title: t("web_desk.change_column"), value: shares ? share : both, number: true };
    const shown = shares ? [columns[0], last] : part === "areas" ? [...columns.slice(0, -1), last] : columns;
    const ordered = sorted(rows, (row) => (shares ? row.change_share : row.change)?.mean ?? 0);
    parts.push(
      el("h3", {}, t(heading)),
      hint([t(shares ? "web_desk.scenario_areas_share_help" : help[part]), part === "areas" ? t("web_desk.change_neutral", { least: percent(CHANGE_CUTS[0]) }) : null].filter(Boolean).join(" ")),
      longTable(t(heading), shown, ordered, 8),
      ...reasons(ordered.filter(({ why }) => why)),
    );
  }
  if (parts.length === 0) parts.push(hint(t("web_desk.scenario_nothing")));
  return parts;
}

/** Why the areas that change most do. */
function reasons(rows) {
  if (rows.length === 0) return [];
  return [
    el("h3", {}, t("web_desk.scenario_why")),
    el("dl", { class: "reasons" }, rows.flatMap(({ name, why }) =>
      [el("dt", {}, name), ...why.map((text) => el("dd", {}, translated(text)))])),
    hint(t("web_desk.scenario_why_help")),
  ];
}

/** Scenarios side by side, one column each; the model without changes first. */
export function compared({ scenarios, ...answer }) {
  const parts = [];
  const column = (scenario, i) => ({
    title: scenario.name || scenario.id,
    value: (row) => {
      const value = row.values[i];
      if (!value) return "–";
      if (value.change_share !== undefined) return shareChange(value.change_share);
      return el("span", {}, persons(value.after), el("br"), el("small", {}, change(value.change)));
    },
    number: true,
  });
  const strongest = (row) => Math.max(...row.values.map((value) => Math.abs((value?.change_share ?? value?.change)?.mean ?? 0)));
  for (const [part, heading] of [["total", "web_desk.scenario_total"], ...PARTS]) {
    const rows = answer[part] ?? [];
    if (rows.length === 0) continue;
    const base = rows[0].base === undefined ? [] : [{ title: t("web_desk.scenario_base"), value: (row) => persons(row.base), number: true }];
    parts.push(
      el("h3", {}, t(heading)),
      longTable(t(heading), [{ title: t("web_desk.name_column"), value: nameOf }, ...base, ...scenarios.map(column)],
        part === "total" ? rows : [...rows].sort((a, b) => strongest(b) - strongest(a)), 10),
    );
  }
  parts.push(hint(t("web_desk.scenario_compared_help")));
  return parts;
}

const sorted = (rows, amount) => [...rows].sort((a, b) => Math.abs(amount(b)) - Math.abs(amount(a)));
