/** Published counts as series: what may be added up, what a series is called, and its numbers by year. */

import { label, monthsOf, t, title, whole } from "../i18n/i18n.js";

/** What the rows of one series have in common: rows of unlike class or unit are never added up. */
const seriesOf = ({ properties: p }) => `${p.measure}.${p.legal_class}.${p.unit}`;

export const seriesName = (series) => {
  const [measure, legalClass] = series.split(".");
  // "Kasus TPPO" need not say again that they are of TPPO.
  return legalClass === "unknown" || measure.startsWith(`${legalClass}_`) ? title("measure", measure) : `${title("measure", measure)} · ${label("legal_class", legalClass)}`;
};

/** Series by how many years and places they have, the fullest first. */
export function listSeries(features) {
  const count = new Map();
  for (const feature of features) count.set(seriesOf(feature), (count.get(seriesOf(feature)) ?? 0) + 1);
  return [...count.keys()].sort((a, b) => count.get(b) - count.get(a) || a.localeCompare(b));
}

export const rowsOf = (features, series) => features.filter((feature) => seriesOf(feature) === series && Number.isFinite(feature.properties.value));

/**
 * Whether numbers of a series may be added up over places and years: of those that may be, every province has a row that is
 * the sum of its cells (`total`; `PUBLISHED_MEASURES` decides), while others come from unlike sources.
 */
export const isAdditive = (features, series) => rowsOf(features, series).some(({ properties: p }) => p.total);

/** What the rows of a series say, each place counted once: a province by its own row in the years that it has one. */
export function countedOnce(features, series) {
  const rows = rowsOf(features, series).map(({ properties }) => properties);
  const ofProvince = new Set(rows.filter(({ level }) => level === "province").map((p) => `${p.province_code} ${p.year}`));
  return rows.filter((p) => p.level === "province" || !ofProvince.has(`${p.province_code} ${p.year}`));
}

/**
 * All places of a series by year, `[{year, value, covers, part}]`: a province is counted once, by its own row where it has
 * one. `covers` says how many provinces it is of, and `part` the same where some have a part of the year alone.
 */
export function totals(features, series) {
  const years = new Map();
  for (const { province_code: province, year, value, period } of countedOnce(features, series)) {
    if (!years.has(year)) years.set(year, { year, value: 0, provinces: new Set(), parts: new Set() });
    const at = years.get(year);
    at.value += value;
    at.provinces.add(province);
    if (period) at.parts.add(province);
  }
  return [...years.values()].sort((a, b) => a.year - b.year).map(({ year, value, provinces, parts }) => {
    const covers = [t("web.time_provinces", { count: provinces.size }), parts.size > 0 && t("web.time_parts", { count: parts.size })];
    const text = covers.filter(Boolean).join(", ");
    return { year, value, covers: text, part: parts.size > 0 ? text : "" };
  });
}

/** Years in their order in words: `2008, 2009, 2012`; three and more that follow one another are `2014–2016`. */
export function yearsInWords(years) {
  const runs = [];
  for (const year of years) {
    if (runs.at(-1)?.at(-1) === year - 1) runs.at(-1).push(year);
    else runs.push([year]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}–${run.at(-1)}` : run.join(", "))).join(", ");
}

/** `400 (2016), 25 (2018, Jan–Jul)`: numbers that are not added up, `[{value, year, period, place}]`, each by itself. */
export const inFigures = (rows) => rows
  .map(({ value, year, period, place }) => `${whole(value)} (${[place, year, monthsOf(period)].filter(Boolean).join(", ")})`).join(", ");
