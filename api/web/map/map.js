/** The map: base style from the release's tiles, camera, pointer and keyboard; its data layers are in layers.js. */

import { ROOT, fetchJson, tileRequest } from "../app/data.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { byId } from "../ui/dom.js";
import { answerFirst } from "./answer-first.js";
import { coarseInMotion } from "./coarse-motion.js";
import { LIMITS, MARGIN_PX } from "./extent.js";
import { addImages } from "./icons.js";
import { collection } from "./geometry.js";
import { wireMeasure } from "./measure.js";
import { zoomed } from "./expressions.js";
import { MAIN_ROADS } from "./palette.js";
import { colours } from "./theme.js";

/** Fonts of the visitor's machine: with no `glyphs` in the style MapLibre draws letters itself. */
export const FONT = ["Helvetica Neue", "Arial", "DejaVu Sans", "sans-serif"];
/** MapLibre reads the weight from the first name, which then is no font's. It would read a slant too, and cut the stem of a
 * first letter that leans out of its box: no name is slanted. */
export const BOLD = [`${FONT[0]} Bold`, ...FONT.slice(1)];
const CLICK_SLACK_PX = 6;
const BASE_TILES = `${ROOT.href}static/basemap/{z}/{x}/{y}`;
/** Zooms of the base map's tiles; those of the roads end later. */
const BASE_ZOOMS = { minzoom: 2, maxzoom: 9 };

export const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Parallels and meridians, every five degrees, around the world. */
function grid() {
  const steps = (from, to, by) => Array.from({ length: (to - from) / by + 1 }, (_, i) => from + i * by);
  const lines = [
    ...steps(-180, 180, 5).map((lng) => [[lng, -80], [lng, 80]]),
    ...steps(-80, 80, 5).map((lat) => steps(-180, 180, 60).map((lng) => [lng, lat])),
  ];
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
}

const ofTiles = (id, type, paint, more = {}) => ({ id, type, source: "basemap", "source-layer": id, paint, ...more });

/** Layers of the base map, bottom first, in the colours in force. */
function baseLayers() {
  const { BASE } = colours;
  return [
    { id: "sea", type: "background", paint: { "background-color": BASE.sea } },
    ofTiles("world", "fill", { "fill-color": BASE.neighbour, "fill-antialias": false }),
    ofTiles("land", "fill", {
      "fill-color": ["match", ["get", "country"], "ID", BASE.land, BASE.neighbour], "fill-antialias": false,
    }),
    ofTiles("river", "line", { "line-color": BASE.river, "line-width": zoomed(5, 0.5, 9, 1.4) }, { minzoom: 5.5 }),
    { id: "grid", type: "line", source: "grid", paint: { "line-color": BASE.grid, "line-width": 0.7 } },
    ofTiles("coast", "line", { "line-color": BASE.coast, "line-width": zoomed(3, 0.4, 8, 1.1) }),
    ofTiles("border", "line", {
      "line-color": BASE.border, "line-width": zoomed(3, 0.8, 8, 1.4), "line-dasharray": [4, 2, 1, 2],
    }),
    ...letteringLayers(BASE),
  ];
}

const baseStyle = () => ({
  version: 8,
  transition: { duration: 0, delay: 0 },
  sources: {
    basemap: { type: "vector", tiles: [BASE_TILES], ...BASE_ZOOMS },
    grid: { type: "geojson", data: grid() },
    towns: { type: "geojson", data: collection() },
  },
  layers: baseLayers(),
});

/** Spots so many ems around a point, as anchors with their offsets. */
const around = (away) => [["top", [0, away]], ["bottom", [0, -away]], ["left", [away, 0]], ["right", [-away, 0]]];
/** Where the name of a town is tried: close to its point, then farther off, past the signs that stand there. */
const TOWN_SPOTS = [...around(0.45), ...around(1.3), ...around(2.1)].flat();
/** And that of an island: on it, then beside what stands there. */
const ISLAND_SPOTS = [["center", [0, 0]], ...around(0.6), ...around(1.5)].flat();

/** A town's name, at the first of these spots that is free. */
const townLayer = (id, more) => {
  const { layout: { "text-variable-anchor": _, "text-radial-offset": __, ...layout }, ...layer } = nameLayer(id, { ...more, padding: 2, halo: 1.6 });
  return { ...layer, layout: { ...layout, "text-variable-anchor-offset": TOWN_SPOTS } };
};

/** A layer of names beside their points; `sortKey` decides which of two names gives way. */
export function nameLayer(id, { colour, halo, field = ["get", "name"], size = 11, offset = 0.9, padding = 2, font = FONT, sortKey, ...more }) {
  return {
    id,
    type: "symbol",
    layout: {
      "text-field": field,
      "text-font": font,
      "text-size": size,
      "text-variable-anchor": ["top", "bottom", "left", "right"],
      "text-radial-offset": offset,
      "text-padding": padding,
      ...(sortKey === undefined ? {} : { "symbol-sort-key": sortKey }),
    },
    paint: { "text-color": colour, "text-halo-color": colours.BASE.halo, "text-halo-width": halo },
    ...more,
  };
}

/** Names are Indonesian, those of seas, countries and some towns abroad also English. */
const nameField = () => (currentLanguage() === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"]);
/** "Pulau Jawa" as a map writes it. */
const ISLAND = ["case", ["==", ["slice", ["get", "name"], 0, 6], "Pulau "], ["slice", ["get", "name"], 6], ["get", "name"]];
/** How large the land is that a name of an island names, 0 of an islet; islets have theirs only from a zoom on. */
const AREA_KM2 = ["coalesce", ["get", "area_km2"], 0];
const LEAST_ISLAND_KM2 = 0.5;
const ISLETS_FROM = 11;

/** Seats whose point is known to the town. */
const SURVEYED = ["!", ["to-boolean", ["get", "approximate"]]];

/** From which zoom a town is named, by rank, and the ranks from the bottom up. */
const TOWN_ZOOMS = { 1: 0, 2: 5, 3: 6 };
const TOWN_RANKS = [3, 2, 1];

function letteringLayers(BASE) {
  const size = (low, high) => zoomed(4, low, 9, high);
  const town = (rank) => townLayer(`place-${rank}`, {
    field: nameField(), source: "towns", minzoom: TOWN_ZOOMS[rank], filter: ["==", ["get", "rank"], rank], size: size(rank === 1 ? 12 : 11, 14),
    sortKey: rank, colour: BASE.text, font: rank === 1 ? BOLD : FONT,
  });
  const lettered = (id, field, font, paint, layout) => ofTiles(
    id, "symbol", { "text-halo-width": 1.2, "text-halo-color": BASE.halo, ...paint },
    { layout: { "text-field": field, "text-font": font, "text-max-width": 7, ...layout } },
  );
  return [
    {
      ...ofTiles("island", "circle", { "circle-radius": zoomed(7, 1, 9, 2), "circle-color": BASE.coast }),
      id: "island-dots", minzoom: 7, filter: ["!", ["to-boolean", ["get", "outlined"]]],
    },
    lettered("sea", nameField(), FONT, { "text-color": BASE.seaText, "text-halo-color": BASE.sea }, {
      "text-size": size(10.5, 15), "text-letter-spacing": 0.12,
    }),
    lettered("country", ["upcase", nameField()], FONT, { "text-color": BASE.second }, {
      "text-size": size(10, 13), "text-letter-spacing": 0.18,
    }),
    {
      ...lettered("island", ISLAND, FONT, { "text-color": BASE.second }, {
        "text-size": size(11, 15), "text-letter-spacing": 0.06,
        "text-transform": ["step", ["zoom"], "uppercase", 6, "none"],
        "text-variable-anchor-offset": ISLAND_SPOTS, "symbol-sort-key": ["-", 0, AREA_KM2],
      }),
      filter: ["step", ["zoom"], [">=", AREA_KM2, LEAST_ISLAND_KM2], ISLETS_FROM, true],
    },
    townLayer("place", {
      source: "basemap", "source-layer": "place", minzoom: 7, filter: SURVEYED, size: size(11, 13), colour: BASE.text,
    }),
    ...TOWN_RANKS.map(town),
  ].map((layer) => (["sea", "country", "island"].includes(layer.id) ? { ...layer, id: `${layer.id}-names` } : layer));
}

/** Leave out towns whose name is in one of these, which the map writes elsewhere; the same names cost no new frame. */
export function leaveOutTowns(map, names) {
  for (const rank of TOWN_RANKS) {
    const filter = ["all", ["==", ["get", "rank"], rank], ["!", ["in", nameField(), names.join("|")]]];
    if (JSON.stringify(filter) !== JSON.stringify(map.getFilter(`place-${rank}`))) map.setFilter(`place-${rank}`, filter);
  }
}

/** The lowest label layer; data layers go beneath it. */
export const BENEATH_LABELS = "island-dots";
/** The lowest layer of the base map over the areas, which the coast and the rivers cross. */
export const BENEATH_WATER = "river";

/** Give every layer of `layers` the paint it has in the colours in force. */
export function paintLayers(map, layers) {
  for (const { id, paint = {} } of layers) {
    for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
  }
}

/** The base map in the colours in force. */
export function paintBase(map) {
  paintLayers(map, [...baseLayers(), ...(map.getLayer("roads") ? [roadLayer({ minzoom: 7 })] : [])]);
}

/**
 * Create the map, or return null where WebGL is missing.
 *
 * @param {object} options `view`, `home()` (the box that the reader's desk is about), and the callbacks `onMove(view)`,
 *   `onPick(features|[])`, `onHover(feature|null, point)`, `onError(error)`, `onPainted()` (the coast is drawn),
 *   `onReady()` (layers may be added), `onStill(still)` (whether all that changed is drawn); `pickLayers()` gives the
 *   layer ids that answer.
 */
export function createMap(options) {
  let map;
  try {
    map = new window.maplibregl.Map({
      container: "map",
      style: baseStyle(),
      transformRequest: tileRequest,
      ...(options.view
        ? { center: [options.view.lng, options.view.lat], zoom: options.view.zoom }
        : { bounds: options.home(), fitBoundsOptions: { padding: MARGIN_PX } }),
      minZoom: 2,
      maxZoom: 13,
      maxBounds: LIMITS,
      renderWorldCopies: false,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      trackResize: false,
      fadeDuration: reducedMotion() ? 0 : 150,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
  } catch {
    return null;
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new window.maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-right");
  map.on("style.load", () => addImages(map));
  const painted = () => {
    if (!map.isSourceLoaded("basemap")) return;
    map.off("render", painted);
    performance.mark("petajaga-map-painted");
    options.onPainted();
  };
  map.on("render", painted);
  answerFirst(map, () => options.onStill(false));
  coarseInMotion(map);
  map.on("render", () => options.onStill(false));
  map.on("idle", () => options.onStill(true));
  map.on("load", options.onReady);
  map.on("moveend", () => options.onMove(viewOf(map)));
  map.on("error", (event) => options.onError(event.error ?? event));
  const measure = wireMeasure(map);
  map.on("click", (event) => {
    if (!measure.take(event.lngLat)) options.onPick(pick(map, event.point, options.pickLayers()));
  });
  let last = 0;
  map.on("mousemove", (event) => {
    if (event.originalEvent.timeStamp - last < 40) return;
    last = event.originalEvent.timeStamp;
    const [feature = null] = pick(map, event.point, options.pickLayers());
    map.getCanvas().style.cursor = feature ? "pointer" : "";
    options.onHover(feature, event.point);
    showPosition(event.lngLat);
  });
  map.on("mouseout", () => {
    options.onHover(null, null);
    showPosition(null);
  });
  wireButtons(map, options.home);
  return map;
}

function pick(map, { x, y }, layers) {
  const present = layers.filter((id) => map.getLayer(id));
  const box = [[x - CLICK_SLACK_PX, y - CLICK_SLACK_PX], [x + CLICK_SLACK_PX, y + CLICK_SLACK_PX]];
  const found = (where) => map.queryRenderedFeatures(where, { layers: present }).map(withKey);
  const near = found(box);
  // Points and lines near the pointer come before the area beneath; an area answers only exactly.
  const exact = new Set(found([x, y]).map((f) => f.properties._key));
  return near.filter((f) => f.layer.type !== "fill" || exact.has(f.properties._key));
}

/** What comes from tiles gets the key that the store of layers gives the rest. */
function withKey(feature) {
  const { properties: p } = feature;
  p._key ??= p.code ?? p.id;
  return feature;
}

function viewOf(map) {
  const { lng, lat } = map.getCenter();
  return { lng, lat, zoom: map.getZoom() };
}

/** Where the pointer is, or nothing. */
function showPosition(at) {
  const degrees = (value, positive, negative) => t(`web.degrees_${value < 0 ? negative : positive}`, { value: Math.abs(value) });
  byId("position").textContent = at ? `${degrees(at.lat, "north", "south")}, ${degrees(at.lng, "east", "west")}` : "";
}

function wireButtons(map, home) {
  const duration = () => (reducedMotion() ? 0 : 250);
  const on = (id, action) => byId(id).addEventListener("click", action);
  on("zoom-in", () => map.zoomIn({ duration: duration() }));
  on("zoom-out", () => map.zoomOut({ duration: duration() }));
  on("home", () => map.fitBounds(home(), { padding: MARGIN_PX, duration: duration() }));
}

function roadLayer({ minzoom }) {
  const main = ["in", ["get", "class"], ["literal", MAIN_ROADS]];
  const width = (low, high) => ["case", main, high, low];
  return {
    id: "roads",
    type: "line",
    source: "roads",
    "source-layer": "road",
    minzoom,
    layout: { "line-join": "round" },
    paint: { "line-color": colours.BASE.road, "line-width": zoomed(7, width(0.3, 0.7), 12, width(1, 2)) },
  };
}

/** Add what is not in the style: imported roads beneath the rivers, if the release has any, and the names of towns. */
export async function completeBase(map) {
  const [tiles, towns] = await Promise.all([fetchJson("static/basemap.json"), fetchJson("static/data/labels.geojson")]);
  const roads = tiles.vector_layers.find(({ id }) => id === "road");
  if (roads) {
    const { minzoom, maxzoom } = roads;
    map.addSource("roads", { type: "vector", tiles: [BASE_TILES], minzoom, maxzoom });
    map.addLayer(roadLayer(roads), BENEATH_WATER);
  }
  map.getSource("towns").setData(towns);
  // A seat of a regency that is also one of these towns has its name already.
  const named = towns.features.map(({ properties }) => properties.name);
  map.setFilter("place", ["all", SURVEYED, ["!", ["in", ["get", "name"], ["literal", named]]]]);
}

/** Write country and sea names in the language of the page. */
export function nameBasemap(map) {
  map.setLayoutProperty("sea-names", "text-field", nameField());
  map.setLayoutProperty("country-names", "text-field", ["upcase", nameField()]);
  for (const rank of TOWN_RANKS) map.setLayoutProperty(`place-${rank}`, "text-field", nameField());
}

/** Free of the buttons at the right edge. */
const BESIDE_BUTTONS = { top: 48, bottom: 48, left: 48, right: 72 };

/** Move the camera to a box; a `first` view stands there at once. */
export function showBox(map, box, { maxZoom = 8, padding = BESIDE_BUTTONS, first = false } = {}) {
  map.fitBounds(box, { padding, maxZoom, duration: first || reducedMotion() ? 0 : 700 });
}
