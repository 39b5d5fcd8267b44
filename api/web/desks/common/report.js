/** The room of the report of the task force: area and period, what is filled in, what is missing, and the files. */

import { ROOT, fetchJson } from "../../static/app/data.js";
import { currentLanguage, decimals, t, translated, whole } from "../../static/i18n/i18n.js";
import { el, hint, quietButton } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";
import { nationalParts } from "./national-report.js";
import { nearPeriods, periodName, thisQuarter } from "./periods.js";
import { proposalParts } from "./proposal.js";
import { problemBox, submitForm } from "./shell.js";

const PATH = "v1/reports";
const amount = (value) => (value === null ? "" : Number.isInteger(value) ? whole(value) : decimals(value, 1));
const figure = ({ value, of }) => [amount(value), of && translated(of)].filter(Boolean).join(" ");

/** `context.session()` names the province; a desk of the whole country chooses one. */
export function createReport(context) {
  const state = { area: context.session().province, period: thisQuarter() };
  let areas = null;
  let report = null;
  let problem = null;
  let place = null;

  async function load() {
    const { province } = context.session();
    const named = async (asked) => {
      const { areas: rows } = await fetchJson(`v1/areas?${new URLSearchParams({ ...asked, limit: 1000 })}`);
      return rows.map(({ code, name }) => [code, name]).sort(([, a], [, b]) => a.localeCompare(b));
    };
    try {
      const provinces = await named({ level: "province" });
      areas = province ? [...provinces.filter(([code]) => code === province), ...await named({ level: "regency", within: province })] : [["ID", "Indonesia"], ...provinces];
      state.area ??= provinces[0][0];
    } catch (error) {
      problem = errorText(error);
    }
    draw();
  }

  async function make() {
    try {
      report = await fetchJson(`${PATH}/${state.area}?period=${state.period}`);
      problem = null;
    } catch (error) {
      report = null;
      problem = errorText(error);
    }
    draw();
    place?.querySelector("h3")?.focus();
  }

  const file = (name) => new URL(`${PATH}/${report.area}/${name}?period=${report.period}&lang=${currentLanguage()}`, ROOT).href;
  const link = (name, key) => el("a", { class: "button", href: file(name), download: "" }, t(key));

  function draw() {
    if (!place?.isConnected) return;
    place.replaceChildren(
      el("h2", { tabIndex: -1 }, t("web_desk.report")),
      hint(t("web_desk.report_help")),
      problemBox(problem) ?? "",
      areas ? submitForm(make, t("web_desk.report_make"), { class: "primary" },
        choiceField(state, "area", { id: "report-area", label: t("web_desk.scenario_area"), options: areas }),
        choiceField(state, "period", { id: "report-period", label: t("web_desk.report_period"), options: nearPeriods().map((code) => [code, periodName(code)]) }))
        : hint(t("web.loading")),
      ...(report ? made() : []));
  }

  /** What is missing of a report, its indicators, budget outside its plan and what is on record. */
  function filled(report) {
    const columns = [
      ["web_desk.scenario_indicator", ({ code, indicator, unit, office }) => el("span", {}, `${code} ${indicator} `, el("small", {}, [unit, office].filter(Boolean).join(" · ")))],
      ["web_desk.report_target", (row) => amount(row.target), true],
      ["web_desk.report_done", ({ done }) => done.map(figure).join("; "), true],
      ["web_desk.report_ceiling", (row) => amount(row.ceiling), true],
      ["web_desk.report_spent", (row) => amount(row.spent), true],
    ].map(([key, value, number]) => ({ title: t(key), value, number }));
    return [
      report.missing.length > 0 ? el("div", { class: "visits" },
        ...report.missing.map((text) => hint(translated(text))),
        el("p", { class: "row" }, quietButton(t("web_desk.report_import"), () => context.enter("imports")))) : "",
      ...report.sections.flatMap(({ name, rows }) => [
        el("h4", {}, name),
        table(name, columns, rows),
        el("ul", { class: "plain" }, rows.map(({ code, sources, missing }) => el("li", {}, el("small", {}, `${code}: ${[...sources, ...missing].map(translated).join(" ")}`)))),
      ]),
      ...(report.unplanned.length > 0 ? [el("h4", {}, t("web_desk.report_unplanned")), el("ul", {}, report.unplanned.map((line) =>
        el("li", {}, `${line.indicator} · ${line.code} ${line.name} · Rp ${whole(line.ceiling)}`)))] : []),
      ...(report.recorded.length > 0 ? [el("h4", {}, t("web_desk.report_recorded")), el("ul", {}, report.recorded.map((text) => el("li", {}, translated(text))))] : []),
    ];
  }

  function made() {
    const heading = el("h3", { tabIndex: -1 }, `${report.area_name} · ${periodName(report.period)}`);
    const files = [link("report.docx", "web_desk.report_docx"), link("report.xlsx", "web_desk.report_xlsx")];
    if (report.standings) return [heading, ...nationalParts(report, filled(report.nation), files)];
    return [
      heading,
      report.version ? el("p", {}, t("web_desk.report_version", report)) : "",
      ...filled(report),
      ...report.notes.map((text) => hint(translated(text))),
      report.next_step_line ? hint(translated(report.next_step_line)) : report.calendar.length === 0 ? hint(t("web_desk.report_no_calendar")) : "",
      el("p", { class: "row actions" }, files),
      ...proposalParts(report),
    ];
  }

  return {
    key: "report",
    title: "web_desk.report",
    render(body) {
      place = body;
      draw();
      if (!areas) load();
    },
    close() {
      place = null;
    },
  };
}
