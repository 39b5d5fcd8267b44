/** The room of early warning: counts above what their own past leads to expect, each with why and what to check first, and records that ended; by month those that the account itself has imported. */

import { fetchJson, ROOT } from "../../static/app/data.js";
import { el, hint } from "../../static/ui/dom.js";
import { currentLanguage, decimals, label, month, percent, t, translated, whole } from "../../static/i18n/i18n.js";
import { showError } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";

const PATH = "v1/warnings";
const measure = (row) => (row.legal_class === "unknown" ? label("measure", row.measure) : `${label("measure", row.measure)} (${label("legal_class", row.legal_class)})`);
const place = (row) => [row.area_name, el("small", {}, ` ${measure(row)}`)];

/** One warning: what was counted, against what was expected, then what to check. */
const card = (row, level) => el("li", {},
  el(level, {}, `${row.area_name}: ${measure(row)}, ${row.year}`),
  el("p", {}, translated(row.why)),
  el("p", {}, translated(row.check)));

const cards = (rows, level) => (rows.length > 0 ? el("ul", { class: "plain" }, rows.map((row) => card(row, level))) : el("p", {}, t("web_desk.warnings_none")));

/** All of them, or first those of the `own` province `{code, name}`. */
function warned(rows, own) {
  if (!own) return [cards(rows, "h3")];
  const [here, elsewhere] = [true, false].map((inside) => rows.filter(({ area_code: code }) => code.startsWith(own.code) === inside));
  return [
    el("h3", {}, own.name), cards(here, "h4"),
    ...(elsewhere.length > 0 ? [el("details", { class: "folded" }, el("summary", {}, t("web_desk.warnings_elsewhere", { count: elsewhere.length })), cards(elsewhere, "h4"))] : []),
  ];
}

/** Bars of the months up to the one of the warning, which is filled; a dot is a month without a record. */
function bars(months) {
  const most = Math.max(1, ...months.map(({ value }) => value ?? 0));
  return el("div", { class: "month-bars", "aria-hidden": "true" }, months.map(({ value }, i) => {
    const mark = el("span", { class: value === null ? "none" : i === months.length - 1 ? "marked" : null });
    if (value !== null) mark.style.height = `${Math.max(4, 100 * (value / most))}%`;
    return mark;
  }));
}

const monthCard = (row) => el("li", {},
  el("h4", {}, `${row.area_name}${row.terminal_id ? ` (${row.terminal_id})` : ""}: ${measure(row)}, ${month(row.month)}`),
  el("p", {}, translated(row.why)),
  el("p", {}, translated(row.check)),
  bars(row.months),
  el("details", { class: "folded" }, el("summary", {}, t("web_desk.warnings_record")), table(t("web_desk.warnings_record"), [
    { title: t("web_desk.warnings_month"), value: (one) => month(one.month) },
    { title: t("web_desk.evaluation_recorded"), value: (one) => (one.value === null ? t("web.no_record") : whole(one.value)), number: true },
  ], [...row.months].reverse())));

/** Months of what the account itself has imported; nothing without any. */
function byMonth(found) {
  if (!found) return [];
  const listed = (rows) => el("ul", { class: "plain" }, rows.map(monthCard));
  return [
    el("h3", {}, t("web_desk.warnings_months")),
    hint(t("web_desk.warnings_months_help")),
    found.streams === 0 ? el("p", {}, t("web_desk.warnings_months_few"))
      : found.warnings.length > 0 ? listed(found.warnings) : el("p", {}, t("web_desk.warnings_months_none")),
    found.watched.length > 0 ? el("details", { class: "folded" }, el("summary", {}, t("web_desk.warnings_hours")), listed(found.watched)) : null,
    ...(found.silent.length > 0 ? [table(t("web_desk.warnings_silent"), [
      { title: t("web_desk.warnings_area"), value: place },
      { title: t("web_desk.warnings_last_month"), value: (row) => month(row.last), number: true },
    ], found.silent), hint(t("web_desk.warnings_silent_help"))] : []),
    found.streams > 0 ? hint(t("web_desk.warnings_months_stated", { streams: whole(found.streams), month: decimals(found.false_alarms, 2) })) : null,
    el("h3", {}, t("web_desk.warnings_years")),
  ].filter(Boolean);
}

function wholeAnswer(found, own) {
  return [
    ...byMonth(found.months),
    ...warned(found.warnings, own),
    ...(found.silent.length > 0 ? [
      el("h3", {}, t("web_desk.warnings_silent")),
      hint(t("web_desk.warnings_silent_help")),
      table(t("web_desk.warnings_silent"), [
        { title: t("web_desk.warnings_area"), value: place },
        { title: t("web_desk.warnings_last"), value: (row) => String(row.last), number: true },
      ], found.silent),
    ] : []),
    hint(t("web_desk.warnings_stated", { streams: whole(found.streams), year: decimals(found.false_alarms, 1), told: percent(found.detected[2]) })),
    el("p", {}, el("a", { href: new URL(`${PATH}.atom?lang=${currentLanguage()}`, ROOT).href, type: "application/atom+xml" }, t("web_desk.warnings_feed"))),
    hint(t("web_desk.warnings_feed_help")),
  ];
}

export function createWarnings(context) {
  let asked = null;
  const own = () => {
    const { province: code } = context.session();
    return code && { code, name: context.areaName(code) ?? code };
  };
  return {
    key: "warnings",
    title: "web_desk.warnings",
    render(pane) {
      const body = el("div", {}, hint(t("web.loading")));
      pane.replaceChildren(el("h2", {}, t("web_desk.warnings")), hint(t("web_desk.warnings_help")), body);
      asked ??= fetchJson(PATH).catch((error) => {
        asked = null;
        showError(error);
      });
      asked.then((found) => found && body.replaceChildren(...wholeAnswer(found, own())));
    },
  };
}
