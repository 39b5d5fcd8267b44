/** The tables of a scenario's result, and of several side by side. */

import { el } from "../../static/ui/dom.js";
import { percent, persons, t } from "../../static/i18n/i18n.js";
import { change, longTable, table } from "../../static/ui/tables.js";

const sharePart = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${percent(Math.abs(value))}`;
const shareChange = (value) => (value ? `${sharePart(value.mean)} (${sharePart(value.p05)} … ${sharePart(value.p95)})` : "–");
const PARTS = [["areas", "s_areas"], ["terminals", "s_terminals"], ["corridors", "s_corridors"]];
const nameOf = (row) => row.name ?? t(`s_total_${row.measure}`);

/** Headings and tables of one result; only what moves. */
export function scenarioTables(result) {
  const parts = [];
  const columns = [
    { title: t("nameColumn"), value: nameOf },
    { title: t("view_before"), value: (row) => persons(row.before), number: true },
    { title: t("view_after"), value: (row) => persons(row.after), number: true },
    { title: t("changeColumn"), value: (row) => change(row.change), number: true },
  ];
  if (result.total?.length) parts.push(el("h3", {}, t("s_total")), table(t("s_total"), columns, result.total));
  for (const [part, title] of PARTS) {
    const rows = result[part] ?? [];
    if (rows.length === 0) continue;
    const shares = rows[0].change_share !== undefined;
    const own = shares
      ? [columns[0], { title: t("changeColumn"), value: (row) => shareChange(row.change_share), number: true }]
      : columns;
    parts.push(
      el("h3", {}, t(title)),
      el("p", { class: "hint" }, t(shares ? "s_areasShareHelp" : `${title}Help`)),
      longTable(t(title), own, sorted(rows, (row) => (shares ? row.change_share : row.change)?.mean ?? 0), 8),
    );
  }
  if (parts.length === 0) parts.push(el("p", { class: "hint" }, t("s_nothing")));
  return parts;
}

/** Scenarios side by side: one column each, the model without any change first. */
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
  for (const [part, title] of [["total", "s_total"], ...PARTS]) {
    const rows = answer[part] ?? [];
    if (rows.length === 0) continue;
    const base = rows[0].base === undefined ? [] : [{ title: t("s_base"), value: (row) => persons(row.base), number: true }];
    parts.push(
      el("h3", {}, t(title)),
      longTable(t(title), [{ title: t("nameColumn"), value: nameOf }, ...base, ...scenarios.map(column)],
        part === "total" ? rows : [...rows].sort((a, b) => strongest(b) - strongest(a)), 10),
    );
  }
  parts.push(el("p", { class: "hint" }, t("s_comparedHelp")));
  return parts;
}

const sorted = (rows, amount) => [...rows].sort((a, b) => Math.abs(amount(b)) - Math.abs(amount(a)));
