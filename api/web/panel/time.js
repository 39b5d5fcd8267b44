/** Published counts by place and year: one series at a time, the years as bars, one year on the map. */

import { el, hint, listItem } from "../ui/dom.js";
import { currentLanguage, label, t, whole } from "../i18n/i18n.js";
import { drawCounts } from "../map/counts.js";
import { listable } from "../ui/messages.js";
import { yearBars } from "./cards/charts.js";

/** Places whose years stand in the open. */
const OPEN = 12;

/**
 * The tab: `show(pane)` fills it, `draw()` puts the chosen year on the map while it is open, and `layersOn(tab)` gives
 * the layers for another tab: counts stand on the map alone, and who leaves them has those of before.
 */
export function createTimeTab({ store, library, onSelect, mapNow }) {
  let before = null;
  const features = () => library.features.counts ?? [];
  return {
    show(pane) {
      const { time, selection } = store.get();
      renderTime(pane, {
        features: features(), loading: !library.has("counts"), failed: false, chosen: time ?? {}, selection, onSelect,
        onChoose(change) {
          const { series, year } = countsAt(features(), { ...time, ...change });
          store.set({ time: { series, year } });
        },
      });
    },
    draw() {
      const { tab, time } = store.get();
      const shown = tab === "time" && features().length > 0 ? countsAt(features(), time ?? {}) : null;
      if (mapNow()) drawCounts(mapNow(), shown, whole);
    },
    layersOn(tab) {
      const { tab: from, layers } = store.get();
      if ((tab === "time") === (from === "time")) return {};
      if (from === "time") return { layers: before };
      before = layers;
      return { layers: [] };
    },
  };
}

/** What the rows of one series have in common: rows of unlike class or unit are never added up. */
const seriesOf = ({ properties: p }) => `${p.measure}.${p.legal_class}.${p.unit}`;

const seriesName = (series) => {
  const [measure, legalClass] = series.split(".");
  return legalClass === "unknown" ? label("measure", measure) : `${label("measure", measure)} · ${label("legal_class", legalClass)}`;
};

/** Series by how many years and places they have, the fullest first. */
function listSeries(features) {
  const count = new Map();
  for (const feature of features) count.set(seriesOf(feature), (count.get(seriesOf(feature)) ?? 0) + 1);
  return [...count.keys()].sort((a, b) => count.get(b) - count.get(a) || a.localeCompare(b));
}

/** The rows of a chosen series by place; `chosen` is `{series, year}` with what the features have where it has not. */
function countsAt(features, { series, year }) {
  const all = listSeries(features);
  const name = all.includes(series) ? series : all[0];
  const rows = features.filter((feature) => seriesOf(feature) === name && Number.isFinite(feature.properties.value));
  const years = rows.map(({ properties: p }) => p.year);
  const [first, last] = [Math.min(...years), Math.max(...years)];
  const shown = Math.min(last, Math.max(first, year ?? last));
  const places = new Map();
  for (const feature of rows) {
    const { area_code: code, area_name: area, level, year: at, value } = feature.properties;
    if (!places.has(code)) places.set(code, { code, name: area, level, geometry: feature.geometry, years: new Map() });
    places.get(code).years.set(at, value); // a series has one row a place and year
  }
  return { all, series: name, year: shown, first, last, places: [...places.values()], most: Math.max(1, ...rows.map(({ properties: p }) => p.value)) };
}

/** Fill the pane; `onChoose({series, year})` takes another series or year, `onSelect` opens an area. */
function renderTime(pane, { chosen, onChoose, selection, onSelect, ...list }) {
  if (!listable(pane, list, "web.time_none")) return;
  const at = countsAt(list.features, chosen);
  const key = `${at.series} ${currentLanguage()}`;
  // The slider stays where it is while somebody drags it.
  if (pane.querySelector("#time-controls")?.dataset.key !== key) {
    pane.replaceChildren(hint(t("web.time_intro")), hint(t("web.time_map")), controls(at, key, onChoose), el("div", { id: "time-body" }));
  }
  const slider = pane.querySelector("#time-year");
  slider.value = at.year;
  slider.setAttribute("aria-valuetext", String(at.year));
  pane.querySelector("output").textContent = String(at.year);
  pane.querySelector("#time-body").replaceChildren(...body(at, { selection, onSelect }));
}

function controls(at, key, onChoose) {
  return el("div", { id: "time-controls", "data-key": key },
    el("p", { class: "row" }, el("label", { for: "time-series" }, t("web.time_series")), el(
      "select",
      { id: "time-series", onchange: ({ target }) => onChoose({ series: target.value }) },
      at.all.map((name) => el("option", { value: name, selected: name === at.series }, seriesName(name))),
    )),
    el("p", { class: "row" }, el("label", { for: "time-year" }, t("web.count_year")), el("input", {
      id: "time-year", type: "range", min: at.first, max: at.last, step: 1,
      oninput: ({ target }) => onChoose({ year: Number(target.value) }),
    }), el("output", { for: "time-year" })));
}

/** A sentence on the year, and the places with their years. */
function body(at, { selection, onSelect }) {
  const value = ({ years }) => years.get(at.year);
  const recorded = at.places.filter((place) => value(place) !== undefined).sort((a, b) => value(b) - value(a));
  const others = at.places.filter((place) => value(place) === undefined).sort((a, b) => a.name.localeCompare(b.name, "id"));
  const item = (place) => {
    const row = listItem(
      { type: "area", key: place.code, selection, onSelect },
      el("span", { class: "item-name" }, place.name, " ", el("small", {}, label("level", place.level))),
      el("span", { class: "item-facts" }, value(place) === undefined ? t("web.no_record") : whole(value(place))),
    );
    const years = [...place.years].map(([year, count]) => ({ year, value: count }));
    row.append(yearBars("", years, { first: at.first, last: at.last, marked: at.year }));
    return row;
  };
  const rows = (places) => el("ol", { class: "list" }, places.map(item));
  const folded = [...recorded.slice(OPEN), ...others];
  return [
    el("p", {}, recorded.length === 0 ? t("web.time_nothing", { year: at.year }) : t("web.time_most", {
      year: at.year, count: recorded.length, name: recorded[0].name, value: whole(value(recorded[0])),
    })),
    rows(recorded.slice(0, OPEN)),
    ...(folded.length === 0 ? [] : [el("details", {}, el("summary", {}, t("web.time_more", { count: folded.length })), rows(folded))]),
  ];
}
