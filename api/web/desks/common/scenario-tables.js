/** The tables of a scenario's result, and of several side by side. */

import { el, hint } from "../../static/ui/dom.js";
import { persons, t, title } from "../../static/i18n/i18n.js";
import { change, longTable, signedShare, table } from "../../static/ui/tables.js";

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
    const shown = shares
      ? [columns[0], { title: t("web_desk.change_column"), value: (row) => shareChange(row.change_share), number: true }]
      : columns;
    parts.push(
      el("h3", {}, t(heading)),
      hint(t(shares ? "web_desk.scenario_areas_share_help" : help[part])),
      longTable(t(heading), shown, sorted(rows, (row) => (shares ? row.change_share : row.change)?.mean ?? 0), 8),
    );
  }
  if (parts.length === 0) parts.push(hint(t("web_desk.scenario_nothing")));
  return parts;
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
