/** What a scenario changes, as a picture of the map: areas by their departures, ports by their load. */

import { fetchJson } from "../../static/app/data.js";
import { className, percent, persons, t } from "../../static/i18n/i18n.js";
import { rateRange } from "../../static/map/legend.js";
import { changeClass, changed, changeLegend, changeRows, filled, named } from "../../static/map/overlay.js";
import { CLASSES, RATE_CUTS } from "../../static/map/palette.js";
import { mark } from "../../static/ui/dom.js";
import { change, shareOf, signedShare } from "../../static/ui/tables.js";

const SAME = { mean: 0 };
/** Areas whose name and change stand on the map. */
const NAMED = 8;

/** Outlines, rates and populations of the regencies that the session's scenarios are about. */
export async function fetchRegencies({ province }) {
  const query = new URLSearchParams({ f: "json", limit: 1000, level: "regency", ...(province ? { province_code: province } : {}) });
  const { features } = await fetchJson(`ogc/collections/areas/items?${query}`);
  return features.map(({ properties: p, geometry }) => ({
    code: p.code, name: p.name, lon: p.lon, lat: p.lat, geometry,
    rate: p.departures_per_100k_mean, population: p.population, outlined: p.boundary === "official",
  }));
}

/** Areas of `regencies` with the result's change, a share of what there was, and rates per 100,000 before and after. */
export function areaChanges(result, regencies) {
  const rows = new Map((result.areas ?? []).map((row) => [row.code, row]));
  return regencies.map((area) => {
    const row = rows.get(area.code);
    const share = row ? shareOf(row) : SAME;
    const rateOf = (amount) => (100_000 * amount) / area.population;
    const before = row?.before === undefined ? area.rate : rateOf(row.before);
    const after = row?.after === undefined ? before * (1 + share.mean) : rateOf(row.after);
    return { ...area, share, class: changeClass(share), before, after };
  });
}

/** `{features, legend}` of a view; `ports` are rows with `lon`, `lat`, `before`, `after` and `change`. */
export function scenarioPicture(areas, ports, view) {
  const seen = view === "change" ? areas : areas.map((area) => ({ ...area, class: rateClass(area[view]) }));
  const features = filled(seen.filter(({ geometry }) => geometry).map((area) => ({ ...area, tip: tip(area, view) })));
  const labels = view === "change" ? strongest(areas).slice(0, NAMED).map((area) => ({ ...area, text: `${area.name}\n${signedShare(area.share.mean)}` })) : [];
  const legend = [
    view === "change"
      ? { title: t("web_desk.legend_departures_change"), rows: changeRows() }
      : { title: t("web_desk.legend_departures_rate", { view: t(`web_desk.view_${view}`) }), rows: rateRows() },
    ...(ports.length > 0 ? [changeLegend(ports, view)] : []),
  ];
  return { features: [...features, ...changed(ports, view), ...named(labels)], legend };
}

/** Areas that change beyond doubt, the strongest first. */
export const strongest = (areas) => areas.filter((area) => area.class !== "none")
  .sort((a, b) => Math.abs(b.share.mean) - Math.abs(a.share.mean));

const rateClass = (rate) => (Number.isFinite(rate) ? CLASSES[RATE_CUTS.filter((cut) => Number(rate.toPrecision(2)) >= cut).length] : "not_assessed");

const rateRows = () => [
  ...CLASSES.map((name) => [mark("swatch", `var(--area-${name})`), `${className(name)} (${rateRange(name)})`]).reverse(),
  [mark("swatch dots"), className("not_assessed")],
];

function tip({ name, share, before, after }, view) {
  if (view === "change") return `${name}: ${change(share, signedShare)}`;
  const written = (rate) => (Number.isFinite(rate) ? persons(rate) : t("web.unknown"));
  return t("web_desk.rate_tip", { name, before: written(before), after: written(after) });
}
