/** What the service needs to know before it can read a file: a choice for each problem that has one. */

import { el, hint } from "../../static/ui/dom.js";
import { choiceField, textField } from "../../static/ui/forms.js";
import { t } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { meanings } from "./import-report.js";

/** Problems that the page asks about in words of its own: the service's name the options of the command line. */
const ASKED = { "imports.unknown_columns": "unknown", "imports.missing_columns": "missing", "imports.bps_codes": "bps" };
const PART = { "imports.several_sheets": "sheet", "imports.no_sheet": "sheet", "imports.several_layers": "layer", "imports.no_layer": "layer" };

/**
 * Fields that answer a problem (or the refused cells of a report), kept in `answers`: `sheet`, `layer`, `codes`, `decimal`,
 * `map` by heading and `newMeasures`. Empty where there is nothing to choose.
 */
export function questions({ problem, report, kind, answers }) {
  if (problem) return ofProblem(problem, kind, answers);
  const codes = new Set((report?.issues ?? []).map(({ code }) => code));
  const sheets = report?.notes.find(({ code }) => code === "import_note.sheets_read")?.params;
  return [
    sheets ? partField("sheet", [sheets.sheets, sheets.others].flat(), answers) : null,
    codes.has("cell.bps_code") ? codesField(answers) : null,
    codes.has("cell.ambiguous_number") ? decimalField(answers) : null,
    ...newSeries(report, answers),
  ].filter(Boolean);
}

/** What is wrong, for the reader of the page. */
export function problemText(problem, kind) {
  const asked = ASKED[problem.code] ?? (PART[problem.code] && `several_${PART[problem.code]}s`);
  if (!asked) return errorText(problem);
  const { headings, columns = [], readings = [] } = problem.params;
  const names = headings ?? columns.map((name) => kind.columns.find((column) => column.name === name)?.label ?? name);
  return t(`web_desk.import_problem_${asked}`, { columns: names.join(", "), readings: readings.join("; ") });
}

function ofProblem({ code, params }, kind, answers) {
  const part = PART[code];
  if (part) return [partField(part, params[`${part}s`] ?? [], answers)];
  if (code === "imports.bps_codes") return [codesField(answers)];
  if (code === "imports.unknown_columns") return unknown(params, kind, answers);
  if (code === "imports.missing_columns") return missing(params.columns, kind, answers);
  return [];
}

function partField(part, names, answers) {
  answers[part] = names.includes(answers[part]) ? answers[part] : names[0];
  return choiceField(answers, part, { id: `i-${part}`, label: t(`web_desk.import_${part}`), options: names.map((name) => [name, name]) });
}

function codesField(answers) {
  answers.codes ||= "bps";
  return choiceField(answers, "codes", {
    id: "i-codes", label: t("web_desk.import_codes"),
    options: ["bps", "kemendagri"].map((system) => [system, t(`web_desk.import_codes_${system}`)]),
  });
}

function decimalField(answers) {
  answers.decimal ||= "comma";
  return choiceField(answers, "decimal", {
    id: "i-decimal", label: t("web_desk.import_decimal"),
    options: ["comma", "point"].map((sign) => [sign, t(`web_desk.import_decimal_${sign}`)]),
  });
}

/** Unknown columns are left out, or what their headings most resemble, until the reader chooses. */
function unknown({ headings, nearest }, kind, answers) {
  const choices = meanings(kind);
  return [
    hint(t("web_desk.import_unknown_help")),
    ...headings.map((heading, at) => {
      answers.map[heading] ??= choices.find(([value]) => value === nearest[at])?.[0] ?? "ignore";
      return choiceField(answers.map, heading, {
        id: `i-unknown-${at}`, label: t("web_desk.import_meaning_of", { heading }), options: choices,
      });
    }),
  ];
}

function missing(columns, kind, answers) {
  return [
    hint(t("web_desk.import_missing_help")),
    ...columns.map((name) => {
      const label = kind.columns.find((column) => column.name === name)?.label ?? name;
      const choices = name === kind.series_column ? (kind.series ?? []).map(({ slug, label: text }) => [slug, text]) : null;
      const spec = { id: `i-missing-${name}`, label: t("web_desk.import_in_all_rows", { label }) };
      return choices ? choiceField(answers.map, name, { ...spec, options: [["", "–"], ...choices] }) : textField(answers.map, name, spec);
    }),
  ];
}

function newSeries(report, answers) {
  const slugs = new Set((report?.issues ?? [])
    .filter(({ code }) => code.startsWith("cell.indicator_new") || code.startsWith("cell.measure_new"))
    .map(({ params }) => params.slug));
  return [...slugs].map((slug, at) => el("p", { class: "row" },
    el("input", {
      type: "checkbox", id: `i-new-${at}`, checked: answers.newMeasures.has(slug),
      onchange: (event) => (event.target.checked ? answers.newMeasures.add(slug) : answers.newMeasures.delete(slug)),
    }),
    el("label", { for: `i-new-${at}` }, t("web_desk.import_new_series", { name: slug }))));
}
