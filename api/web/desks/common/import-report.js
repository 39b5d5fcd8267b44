/** What was understood of a file: columns and their meaning, rows left out, first rows as they will be stored. */

import { el, hint } from "../../static/ui/dom.js";
import { has, t, whole } from "../../static/i18n/i18n.js";
import { longTable, table } from "../../static/ui/tables.js";

const IGNORE = "ignore";
const CODES = ["place_code", "area_code", "code", "origin_code"];
/** Lines that are named of an issue that is said of many. */
const MOST_LINES = 5;
const OUTCOMES = ["refused", "left_out", "repaired"];

/** Choices of a select of meanings, `[value, text]`: columns of the kind, its measures or indicators, leaving out. */
export function meanings(kind) {
  const columns = kind.columns.map(({ name, label }) => [name, label]);
  return [[IGNORE, t("web_desk.import_ignore")], ...columns, ...(kind.series ?? []).map(({ slug, label }) => [slug, label])];
}

/** The value that a column of the report has among the choices. */
const meaningOf = ({ column, series, year }) => series || (column === "value" && year) || column || IGNORE;

/** A message of the report; where the service's names an option of the command line, in words of the page. */
export function messageOf({ code, params, message }) {
  const key = `web_desk.said_${code.replaceAll(".", "_")}`;
  if (!has(key)) return message;
  return t(key, Object.fromEntries(Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value])));
}

/**
 * The report as elements. `stated` holds corrections by heading; `onCorrect(heading, meaning)` is called with a new one;
 * `areaName(code)` is the name of an area that the page knows.
 */
export function reportView(report, kind, { stated, onCorrect, areaName }) {
  return [
    el("p", { class: "key-figure" }, t("web_desk.import_summary", { count: report.read, accepted: report.accepted })),
    facts(report),
    ...columnsView(report, kind, stated, onCorrect),
    ...issuesView(report, kind),
    ...previewView(report, kind, areaName),
  ].filter(Boolean);
}

function facts(report) {
  const counts = ["new", "replaced", ...OUTCOMES].filter((name) => report[name] > 0)
    .map((name) => t(`web_desk.import_count_${name}`, { count: report[name] }));
  const notes = [counts.join(" · "), ...report.notes.map(messageOf)].filter(Boolean);
  return notes.length > 0 ? el("ul", { class: "plain" }, notes.map((text) => el("li", {}, text))) : null;
}

function columnsView(report, kind, stated, onCorrect) {
  const columns = report.columns ?? [];
  if (columns.length === 0) return [];
  const choices = meanings(kind);
  const select = (column, at) => {
    const current = stated[column.heading] ?? meaningOf(column);
    const own = [current, /^\d{4}$/.test(current) ? t("web_desk.import_value_of", { year: current }) : current];
    const options = choices.some(([value]) => value === current) ? choices : [own, ...choices];
    return el("select", {
      id: `i-column-${at}`, "aria-label": t("web_desk.import_meaning_of", { heading: column.heading }),
      onchange: (event) => onCorrect(column.heading, event.target.value),
    }, options.map(([value, text]) => el("option", { value, selected: value === current }, text)));
  };
  const why = ({ reason, year, series }) => el("small", { class: "hint" }, [t(`meaning.${reason}`), year && series ? t("web_desk.import_value_of", { year }) : ""].filter(Boolean).join("; "));
  return [
    el("h3", {}, t("web_desk.import_columns")),
    hint(t("web_desk.import_columns_help")),
    table(t("web_desk.import_columns"), [
      { title: t("web_desk.import_heading"), value: ({ heading }) => heading || t("web_desk.import_all_rows") },
      { title: t("web_desk.import_meaning"), value: (column) => el("div", {},
        column.heading ? select(column, columns.indexOf(column)) : `${labelOf(kind, column.column)}: ${valueOf(kind, column.column, column.value)}`,
        why(column)) },
    ], columns),
  ];
}

const labelOf = (kind, name) => kind.columns.find((column) => column.name === name)?.label ?? name;

/** A value in words where there are any: a measure, an indicator, a class in law. */
function valueOf(kind, name, value) {
  if (name === kind.series_column) return kind.series.find(({ slug }) => slug === value)?.label ?? value;
  return has(`${name}.${value}`) ? t(`${name}.${value}`) : (value ?? "");
}

/** Issues that say the same of one column are one, with all their `lines`. */
function grouped(issues) {
  const groups = new Map();
  for (const issue of issues) {
    const said = JSON.stringify([issue.column, issue.outcome, issue.code, issue.params]);
    groups.set(said, { ...issue, lines: [...groups.get(said)?.lines ?? [], issue.line] });
  }
  return groups.values();
}

/** The first of the lines of an issue, each once, and how many more there are. */
function linesOf({ lines }) {
  const each = [...new Set(lines)];
  return [...each.slice(0, MOST_LINES).map((line) => whole(line)), ...(each.length > MOST_LINES ? [`+${whole(each.length - MOST_LINES)}`] : [])].join("; ");
}

function issuesView(report, kind) {
  const issues = [...grouped(report.issues)].sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
  if (issues.length === 0) return [];
  const listed = Object.values(report.reasons).flatMap(Object.values).reduce((sum, count) => sum + count, 0);
  return [
    el("h3", {}, t("web_desk.import_issues")),
    longTable(t("web_desk.import_issues"), [
      { title: t(`web_desk.import_position_${report.unit}`), value: linesOf },
      { title: t("web_desk.import_outcome"), value: ({ outcome }) => t(`web_desk.import_outcome_${outcome}`) },
      { title: t("web_desk.import_why"), value: (issue) => [issue.column && labelOf(kind, issue.column), messageOf(issue)].filter(Boolean).join(": ") },
    ], issues, 8),
    listed > report.issues.length ? hint(t("web_desk.import_more_issues", { count: listed - report.issues.length })) : null,
  ].filter(Boolean);
}

function previewView(report, kind, areaName) {
  const rows = report.preview ?? [];
  if (rows.length === 0) return [];
  const names = kind.columns.map(({ name }) => name).filter((name) => rows.some((row) => row[name]));
  return [
    el("h3", {}, t("web_desk.import_preview")),
    table(t("web_desk.import_preview"), names.map((name) => ({ title: labelOf(kind, name), value: (row) => (CODES.includes(name) && areaName(row[name]) ? `${row[name]} ${areaName(row[name])}` : valueOf(kind, name, row[name])) })), rows),
  ];
}
