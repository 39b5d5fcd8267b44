/** The layer of a desk: filled areas with names, places whose amount changes, numbered places. */

import { mark } from "../ui/dom.js";
import { percent, persons, t } from "../i18n/i18n.js";
import { collection, setFeatures } from "./geometry.js";
import { BENEATH_WATER, FONT, nameLayer, paintLayers } from "./map.js";
import { CHANGE_CUTS } from "./palette.js";
import { colours } from "./theme.js";

const AMOUNT = "#0b4f5c";
const FULL_PX = 26;
/** Views of a change. */
const VIEWS = ["change", "before", "after"];
/** Words of the sizes of a change, from the first cut on. */
const SIZES = ["slight_", "", "strong_"];
const LESS = SIZES.map((size) => `${size}less`);
const MORE = SIZES.map((size) => `${size}more`);

/** Views to choose from, and none: `[value, text]`. */
export const viewOptions = () => [...VIEWS, "none"].map((name) => [name, t(`web_desk.view_${name}`)]);

const isKind = (name) => ["==", ["get", "_kind"], name];
/** What a feature is painted: its own colour, or that of its class of change or of rate. */
const colour = () => ["to-color", ["get", "_colour"], ["match", ["get", "_class"],
  ...Object.entries({ ...colours.CHANGE_COLOURS, ...colours.AREA_COLOURS, not_assessed: colours.BASE.notAssessed }).flat(), AMOUNT]];

/** Layers in the colours in force, bottom first: areas, changes with their signs, numbered places over them, names. */
const specs = () => [
  { id: "overlay-area", type: "fill", filter: isKind("area"), paint: { "fill-color": colour(), "fill-antialias": false } },
  {
    id: "overlay-area-line", type: "line", filter: ["all", isKind("area"), ["==", ["get", "_outlined"], true]],
    paint: { "line-color": colours.BASE.halo, "line-width": 0.8 },
  },
  ...discs("change", colours.BASE.halo),
  ...discs("stop", "#ffffff"),
  {
    ...nameLayer("overlay-name", { field: ["get", "_text"], colour: colours.BASE.text, halo: 1.8, size: 12, offset: 0.6, sortKey: ["get", "_order"] }),
    filter: isKind("name"),
  },
];

function discs(kind, ink) {
  return [
    {
      id: `overlay-${kind}-disc`, type: "circle", filter: isKind(kind),
      paint: {
        "circle-radius": ["get", "_radius"], "circle-color": colour(), "circle-opacity": ["get", "_opacity"],
        "circle-stroke-color": ink, "circle-stroke-width": 1.6,
      },
    },
    {
      id: `overlay-${kind}-sign`, type: "symbol", filter: isKind(kind),
      layout: {
        "text-field": ["get", "_sign"], "text-font": FONT, "text-size": ["get", "_size"],
        "text-allow-overlap": true, "text-ignore-placement": true,
      },
      paint: { "text-color": ink, "text-halo-color": colour(), "text-halo-width": 0.4 },
    },
  ];
}

/** Add the empty layers, once. */
export function installOverlay(map) {
  map.addSource("overlay", { type: "geojson", data: collection() });
  for (const layer of specs()) map.addLayer({ ...layer, source: "overlay" }, layer.id.startsWith("overlay-area") ? BENEATH_WATER : undefined);
}

/** Paint it in the colours in force, once it is there. */
export function paintOverlay(map) {
  if (map.getSource("overlay")) paintLayers(map, specs());
}

/** Ids of the layers that answer to the pointer, the topmost first. */
export const OVERLAY_PICKS = ["overlay-stop-disc", "overlay-change-disc", "overlay-area"];

/** Draw `features` made by the functions below, or nothing. */
export function drawOverlay(map, features = []) {
  if (map.getSource("overlay")) setFeatures(map, "overlay", features);
}

/** Places numbered by their `rank` (empty: without a number) or order; `rows` have `lon`, `lat`, `name` and what `tip(row)` uses. */
export function numbered(rows, { colour: own = AMOUNT, tip = (row) => row.name } = {}) {
  return rows.filter(located).map((row, i) => {
    const number = String(row.rank ?? i + 1);
    return point(row, {
      _kind: "stop", _radius: number ? 11 : 6, _colour: own, _opacity: 1, _size: 12, _sign: number,
      _tip: [number, tip(row)].filter(Boolean).join(". "),
    });
  }).reverse();
}

/** Whether an interval leaves it open if something grows or shrinks; false where there is none. */
export const isUnclear = ({ p05, p95 }) => Number.isFinite(p05) && Number.isFinite(p95) && p05 <= 0 && p95 >= 0;

/** The class of a change, a share with its interval: that of the percentage as it is written. */
export function changeClass(share) {
  const size = CHANGE_CUTS.filter((cut) => Math.round(100 * Math.abs(share.mean)) >= 100 * cut).length;
  if (size === 0 || isUnclear(share)) return "none";
  return (share.mean > 0 ? MORE : LESS)[size - 1];
}

/** Areas in the colour of a class: rows have `code`, `geometry`, `outlined`, `class` and `tip`. */
export const filled = (rows) => rows.map((row) => ({
  type: "Feature", geometry: row.geometry,
  properties: { _key: row.code, _kind: "area", _class: row.class, _outlined: row.outlined, _tip: row.tip },
}));

/** Names beside places, the first before the others; rows have `lon`, `lat` and `text`. */
export const named = (rows) => rows.filter(located).map((row, i) => point(row, { _kind: "name", _text: row.text, _order: i }));

/** The legend's rows of the classes of a change. */
export function changeRows() {
  const ends = [...CHANGE_CUTS, null];
  const range = (sign) => CHANGE_CUTS.map((cut, i) => (ends[i + 1] === null
    ? `${sign}${percent(cut)} ${t("web_desk.or_more")}` : `${sign}${percent(cut)} … ${sign}${percent(ends[i + 1])}`));
  const row = (name, text) => [mark("swatch", `var(--change-${name})`), text];
  return [
    ...range("−").map((text, i) => row(LESS[i], text)).reverse(),
    row("none", t("web_desk.change_none")),
    ...range("+").map((text, i) => row(MORE[i], text)),
  ];
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
    const clear = view === "change" && !isUnclear(row.change ?? {});
    return point(row, {
      _kind: "change", _radius: radius, _opacity: 1, _size: Math.max(11, radius),
      _class: view !== "change" ? "amount" : clear ? (value > 0 ? MORE : LESS).at(-1) : "none",
      _sign: clear && radius >= 6 ? (value > 0 ? "+" : "−") : "",
      _tip: t("web_desk.change_tip", { name: row.name, before: persons(row.before), after: persons(row.after) }),
    });
  });
}

/** The legend of `changed`: its signs, and the amount of the largest disc. */
export function changeLegend(rows, view) {
  const most = mostOf(rows, amountOf(view));
  const disc = (name, sign = "") => mark("disc", `var(--change-${name})`, sign);
  const keys = view === "change"
    ? [
      [disc("strong_more", "+"), t("web_desk.change_more")], [disc("strong_less", "−"), t("web_desk.change_less")],
      ...(rows.some((row) => isUnclear(row.change ?? {})) ? [[disc("none"), t("web_desk.change_unclear")]] : []),
    ]
    : [[mark("disc", AMOUNT), t(`web_desk.view_${view}`)]];
  return { title: t("web_desk.legend_change"), rows: [...keys, [null, t("web_desk.change_largest", { persons: persons(most) })]] };
}

const amountOf = (view) => (row) => (view === "change" ? row.after - row.before : row[view]);
const located = (row) => Number.isFinite(row.lon) && Number.isFinite(row.lat);
const mostOf = (rows, amount) => Math.max(1e-9, ...rows.map((row) => Math.abs(amount(row))));

function point(row, properties) {
  return {
    type: "Feature",
    properties: { _key: String(row.id ?? row.code ?? ""), ...properties },
    geometry: { type: "Point", coordinates: [row.lon, row.lat] },
  };
}
