/** What is on record of chosen years in one sentence, with its sources: departures stopped, deaths and deportations. */

import { el, hint } from "../ui/dom.js";
import { label, t, whole } from "../i18n/i18n.js";
import { listSeries, rowsOf, seriesName, totals, yearsInWords } from "./count-series.js";

/** What somebody who asks about some years wants to know first, in this order. */
const TOLD = ["interceptions", "deaths_abroad", "deportations"];

/** Sources that are named; the data has all. */
const NAMED = 8;

const measureOf = (series) => series.split(".")[0];

/** One series of these years: its sum, which is the least there were where a year is recorded in part, and the years. */
function toldOf(features, series, from, until) {
  const years = totals(features, series).filter(({ year }) => year >= from && year <= until);
  if (years.length === 0) return null;
  const sum = years.reduce((all, { value }) => all + value, 0);
  const least = years.some(({ part }) => part) || years.length < until - from + 1;
  return t(least ? "web.record_least" : "web.record_whole", { name: seriesName(series), value: whole(sum), years: yearsInWords(years.map(({ year }) => year)) });
}

/** The sentence and its sources for `place`, from `from` to `year`; of `features` those that are of it. */
export function recordOf(features, { from, year: until, span, place }) {
  const known = listSeries(features).filter((series) => TOLD.includes(measureOf(series)) && series.endsWith(".person"));
  known.sort((a, b) => TOLD.indexOf(measureOf(a)) - TOLD.indexOf(measureOf(b)));
  const told = known.map((series) => [series, toldOf(features, series, from, until)]).filter(([, text]) => text);
  const missing = TOLD.filter((measure) => !told.some(([series]) => measureOf(series) === measure));
  const rows = told.flatMap(([series]) => rowsOf(features, series)).filter(({ properties: p }) => p.year >= from && p.year <= until);
  const sources = [...new Set(rows.flatMap(({ properties: p }) => (p.source ?? "").split("; ")).filter(Boolean))].sort();
  return [
    el("p", {}, el("strong", {}, `${place}, ${span}: `), told.length > 0 ? `${told.map(([, text]) => text).join("; ")}.` : "",
      missing.length > 0 ? ` ${t("web.record_missing", { names: missing.map((measure) => label("measure", measure)).join(", ") })}` : ""),
    sources.length > 0 ? hint(t("web.record_sources", { names: sources.slice(0, NAMED).join(", ") }) + (sources.length > NAMED ? ` ${t("web.record_more", { count: sources.length - NAMED })}` : "")) : "",
  ];
}
