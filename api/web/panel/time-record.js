/** What is on record of chosen years in one sentence, with its sources: trafficking first, and always what is chosen. */

import { el, hint } from "../ui/dom.js";
import { around, sourceLinks } from "./cards/parts.js";
import { label, t, whole } from "../i18n/i18n.js";
import { countedOnce, inFigures, isAdditive, listSeries, rowsOf, seriesName, totals, yearsInWords } from "./count-series.js";

/** What somebody who asks about some years wants to know first, in this order: what has no record is said too. */
const ASKED = ["tppo_cases", "tppo_victims", "interceptions", "deaths_abroad", "deportations"];
/** Other counts of cases, told where they are on record: without them a year would seem to have none. */
const TOLD = ["tppo_cases", "police_reports", "cases_handled", ...ASKED.slice(1)];
/** Counts whose sources differ from year to year. */
const UNLIKE = TOLD.slice(0, 4);

/** Sources that are named; the data has all. */
const NAMED = 8;
/** Figures of several places that are named, the greatest. */
const FIGURES = 5;

const measureOf = (series) => series.split(".")[0];

/** In how many provinces a figure of the nation is on record; one is named. */
function recordedIn(rows) {
  const codes = new Set(rows.map((p) => p.province_code));
  const named = rows.find(({ level }) => level === "province")?.area_name ?? rows[0].area_name;
  return codes.size === 1 ? t("web.record_only_in", { name: named }) : t("web.record_in", { count: codes.size });
}

/** Whether all of `provinces` have a number in each of these years; not so while they are not known. */
const isEverywhere = (rows, provinces, years) => provinces > 0
  && years.every((year) => new Set(rows.filter((p) => p.year === year).map((p) => p.province_code)).size === provinces);

/** `400 (2016), 25 (2018, Jan–Jul)`: figures of unlike sources, each by itself, with its place where it is of several. */
function listed(rows, name) {
  const several = new Set(rows.map((p) => p.area_code)).size > 1;
  const greatest = several ? [...rows].sort((a, b) => b.value - a.value).slice(0, FIGURES) : rows;
  const left = rows.length - greatest.length;
  const figures = [...greatest].sort((a, b) => a.year - b.year || b.value - a.value)
    .map((p) => ({ ...p, place: several && p.area_name !== name ? p.area_name : "" }));
  return [inFigures(figures), ...(left > 0 ? [t("web.record_others", { count: left })] : [])].join(", ");
}

/** One series of these years: added up where its rows may be, else figure by figure; the least there were unless it is whole. */
function toldOf(features, series, { from, until, name, nation, provinces }) {
  const inside = ({ year }) => year >= from && year <= until;
  const rows = countedOnce(features, series).filter(inside);
  if (rows.length === 0) return null;
  const years = totals(features, series).filter(inside);
  const where = nation ? recordedIn(rows) : "";
  const missing = nation && !isEverywhere(rows, provinces, years.map(({ year }) => year));
  if (!isAdditive(features, series)) {
    const values = [listed(rows, name), where].filter(Boolean).join(", ");
    return t(missing ? "web.record_least_listed" : "web.record_listed", { name: seriesName(series), values });
  }
  const sum = years.reduce((all, { value }) => all + value, 0);
  const least = missing || years.some(({ part }) => part) || years.length < until - from + 1;
  const told = [yearsInWords(years.map(({ year }) => year)), where].filter(Boolean).join("; ");
  return t(least ? "web.record_least" : "web.record_whole", { name: seriesName(series), value: whole(sum), years: told });
}

/** The series that are told: that which is chosen, and those of what is asked for, in its order. */
function seriesTold(features, chosen) {
  const place = (series) => TOLD.indexOf(measureOf(series));
  const known = listSeries(features).filter((series) => place(series) >= 0 || series === chosen);
  return known.sort((a, b) => (b === chosen) - (a === chosen) || place(a) - place(b));
}

/**
 * The sentence and its sources from `from` to `year` with the `series` that is chosen; of `features` those of `place`, which
 * is null of the nation: then each figure says in how many of its `provinces` it is on record.
 */
export function recordOf(features, { from, year: until, span, place, series: chosen, provinces }) {
  const scope = { from, until, name: place, nation: place === null, provinces };
  const told = seriesTold(features, chosen).map((series) => [series, toldOf(features, series, scope)]).filter(([, text]) => text);
  const has = (wanted) => told.some(([series]) => series === wanted || measureOf(series) === wanted);
  const missing = [...(has(chosen) ? [] : [chosen]), ...ASKED.filter((measure) => !has(measure) && measure !== measureOf(chosen))];
  const names = missing.map((wanted) => (wanted === chosen ? seriesName(wanted) : label("measure", wanted)));
  const rows = told.flatMap(([series]) => rowsOf(features, series)).filter(({ properties: p }) => p.year >= from && p.year <= until);
  const sources = [...new Set(rows.flatMap(({ properties: p }) => (p.source ?? "").split("; ")).filter(Boolean))].sort();
  return [
    el("p", {}, el("strong", {}, `${place ?? "Indonesia"}, ${span}: `), told.length > 0 ? `${told.map(([, text]) => text).join("; ")}.` : "",
      names.length > 0 ? ` ${t("web.record_missing", { names: names.join(", ") })}` : ""),
    told.some(([series]) => UNLIKE.includes(measureOf(series))) ? hint(t("web.record_unlike")) : "",
    sources.length > 0 ? el("p", { class: "hint" },
      around(t("web.record_sources", { names: "\n" }), "\n", sourceLinks(sources.slice(0, NAMED).join(";"))),
      sources.length > NAMED ? ` ${t("web.record_more", { count: sources.length - NAMED })}` : "") : "",
  ];
}
