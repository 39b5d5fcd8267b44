/** The national plan of action, and the reports of all provinces side by side: a table a sub task force, and one of what is on record. */

import { t, translated, whole } from "../../static/i18n/i18n.js";
import { el, hint } from "../../static/ui/dom.js";
import { table } from "../../static/ui/tables.js";

const known = (value) => (value === null ? "–" : whole(value));

/** Its tables and notes; `nation` are those of the national plan, `files` the buttons below. */
export function nationalParts(report, nation, files) {
  const column = (key, value, number = true) => ({ title: t(key), value, number });
  const province = column("web_desk.report_province", (row) => el("span", {}, row.province, " ", el("small", {}, row.version || t("web_desk.report_no_own"))), false);
  const rupiah = [
    column("web_desk.report_ceiling", ({ ceiling }) => known(ceiling)),
    column("web_desk.report_spent", ({ spent }) => known(spent)),
  ];
  const { version } = report.nation;
  return [
    ...(version ? [el("p", {}, t("web_desk.report_nation", { version })), hint(t("web_desk.report_nation_help"))] : []),
    ...nation,
    el("p", {}, translated(report.plans)),
    ...report.sections.flatMap(({ name, provinces }) => [
      el("h4", {}, name),
      table(`${name} · ${t("web_desk.report_all")}`, [province, column("web_desk.report_with", (row) => `${whole(row.on_record)} / ${whole(row.indicators)}`), ...rupiah], provinces),
    ]),
    el("h4", {}, t("web_desk.report_all")),
    table(t("web_desk.report_all"), [
      province,
      column("web_desk.report_visited", ({ villages }) => known(villages)),
      column("web_desk.report_steps", (row) => (row.steps === null ? "–" : `${whole(row.steps_done)} / ${whole(row.steps)}`)),
      ...rupiah,
    ], report.standings),
    ...report.notes.map((text) => hint(translated(text))),
    el("p", { class: "row actions" }, files),
  ];
}
