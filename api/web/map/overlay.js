/** The layer of a desk: numbered places, or places whose amount changes. */

import { mark } from "../ui/dom.js";
import { persons, t } from "../i18n/i18n.js";
import { collection } from "./geometry.js";
import { FONT } from "./map.js";

/** Purple and orange, distinct in any colour vision; the signs + and - repeat them. */
const CHANGE_COLOURS = { more: "#b35806", less: "#542788", amount: "#0b4f5c" };
const FULL_PX = 26;
/** Views of a change. */
const VIEWS = ["change", "before", "after"];

/** Views to choose from, and none: `[value, text]`. */
export const viewOptions = () => [...VIEWS, "none"].map((name) => [name, t(`web_desk.view_${name}`)]);

const STOPS = ["==", ["get", "_kind"], "stop"];
const CHANGES = ["==", ["get", "_kind"], "change"];

/** Add the empty layers, once: changes with their signs, and numbered places over them. */
export function installOverlay(map) {
  map.addSource("overlay", { type: "geojson", data: collection() });
  for (const [name, filter] of [["change", CHANGES], ["stop", STOPS]]) addPair(map, name, filter);
}

/** Ids of the layers that answer to the pointer, the topmost first. */
export const OVERLAY_PICKS = ["overlay-stop-disc", "overlay-change-disc"];

function addPair(map, name, filter) {
  map.addLayer({
    id: `overlay-${name}-disc`,
    type: "circle",
    source: "overlay",
    filter,
    paint: {
      "circle-radius": ["get", "_radius"],
      "circle-color": ["get", "_colour"],
      "circle-opacity": ["get", "_opacity"],
      "circle-stroke-color": ["get", "_edge"],
      "circle-stroke-width": 1.6,
    },
  });
  map.addLayer({
    id: `overlay-${name}-sign`,
    type: "symbol",
    source: "overlay",
    filter,
    layout: {
      "text-field": ["get", "_sign"],
      "text-font": FONT,
      "text-size": ["get", "_size"],
      "text-allow-overlap": true,
      "text-ignore-placement": true,
    },
    paint: { "text-color": ["get", "_ink"], "text-halo-color": ["get", "_colour"], "text-halo-width": 0.4 },
  });
}

/** Draw `features` made by `numbered` or `changed`, or nothing. */
export function drawOverlay(map, features = []) {
  map.getSource("overlay")?.setData(collection(features));
}

/** Numbered places; `rows` have `lon`, `lat`, `name` and what `tip(row)` uses. */
export function numbered(rows, { colour = "#0b4f5c", tip = (row) => row.name } = {}) {
  return rows.filter(located).map((row, i) => point(row, {
    _kind: "stop",
    _radius: 11, _colour: colour, _opacity: 1, _edge: "#ffffff", _ink: "#ffffff", _size: 12,
    _sign: String(row.rank ?? i + 1), _tip: `${row.rank ?? i + 1}. ${tip(row)}`,
  })).reverse();
}

/** Places whose amount changes; the area of a disc is proportional to the amount of `view`. */
export function changed(rows, view) {
  const amount = amountOf(view);
  const most = mostOf(rows.filter(located), amount);
  // Less than a hundredth of the largest change is not visible beside it.
  const visibleRows = rows.filter((row) => located(row) && Math.abs(amount(row)) >= Math.max(0.05, most / 100));
  visibleRows.sort((a, b) => Math.abs(amount(b)) - Math.abs(amount(a)));
  return visibleRows.map((row) => {
    const value = amount(row);
    const radius = 3 + (FULL_PX - 3) * Math.sqrt(Math.abs(value) / most);
    const colour = view !== "change" ? CHANGE_COLOURS.amount : value > 0 ? CHANGE_COLOURS.more : CHANGE_COLOURS.less;
    return point(row, {
      _kind: "change",
      _radius: radius, _colour: colour, _opacity: 0.72, _edge: "#ffffff", _ink: "#ffffff", _size: Math.max(11, radius),
      _sign: view === "change" && radius >= 6 ? (value > 0 ? "+" : "−") : "",
      _tip: t("web_desk.change_tip", { name: row.name, before: persons(row.before), after: persons(row.after) }),
    });
  });
}

/** The legend of `changed`: its signs, and the amount of the largest disc. */
export function changeLegend(rows, view) {
  const most = mostOf(rows, amountOf(view));
  const keys = view === "change"
    ? [[mark("disc", CHANGE_COLOURS.more, "+"), t("web_desk.change_more")], [mark("disc", CHANGE_COLOURS.less, "−"), t("web_desk.change_less")]]
    : [[mark("disc", CHANGE_COLOURS.amount), t(`web_desk.view_${view}`)]];
  return { title: t("web_desk.legend_change"), rows: [...keys, [null, t("web_desk.change_largest", { persons: persons(most) })]] };
}

const amountOf = (view) => (row) => (view === "change" ? row.after - row.before : row[view]);
const located = (row) => Number.isFinite(row.lon) && Number.isFinite(row.lat);
const mostOf = (rows, amount) => Math.max(1e-9, ...rows.map((row) => Math.abs(amount(row))));

function point(row, properties) {
  return {
    type: "Feature",
    properties: { _key: String(row.id ?? ""), ...properties },
    geometry: { type: "Point", coordinates: [row.lon, row.lat] },
  };
}
