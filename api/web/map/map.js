/** The map: base style, camera, pointer and keyboard; its data layers are in layers.js. */

import { ROOT } from "../app/data.js";
import { addImages } from "./icons.js";
import { lettering } from "./basemap-labels.js";
import { collection } from "./geometry.js";
import { zoomed } from "./expressions.js";
import { BASE, MAIN_ROADS } from "./palette.js";

/** Fonts of the visitor's machine: with no `glyphs` in the style MapLibre draws letters itself. */
export const FONT = ["Helvetica Neue", "Arial", "DejaVu Sans", "sans-serif"];
/** Extent of the coastline data; the map beyond it is veiled, so that the cut does not look like a coast. */
export const WINDOW = { west: 94, south: -12, east: 142, north: 8 };
export const LIMITS = [[84, -22], [152, 18]];
export const HOME_BOX = [[94.6, -11.4], [141.6, 7.4]];
const CLICK_SLACK_PX = 6;

const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function grid() {
  const lines = [];
  for (let lng = 80; lng <= 160; lng += 5) lines.push([[lng, -30], [lng, 30]]);
  for (let lat = -30; lat <= 30; lat += 5) lines.push([[70, lat], [165, lat]]);
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
}

function veil() {
  const { west, south, east, north } = WINDOW;
  const inner = [[west, south], [west, north], [east, north], [east, south], [west, south]];
  const outer = [[-180, -80], [180, -80], [180, 80], [-180, 80], [-180, -80]];
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [outer, inner] } };
}

function baseStyle(basemap) {
  const url = (path) => new URL(path, ROOT).href;
  const home = ["any", ["==", ["get", "country"], "ID"], ["==", ["get", "kind"], "indonesia"]];
  return {
    version: 8,
    sources: {
      basemap: { type: "geojson", data: basemap ?? collection(), tolerance: 0.5, buffer: 32, maxzoom: 10 },
      grid: { type: "geojson", data: grid() },
      veil: { type: "geojson", data: veil() },
      lettering: { type: "geojson", data: lettering() },
      places: { type: "geojson", data: url("static/data/labels.geojson") },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": BASE.sea } },
      { id: "grid", type: "line", source: "grid", paint: { "line-color": BASE.grid, "line-width": 0.7 } },
      {
        id: "land",
        type: "fill",
        source: "basemap",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": ["case", home, BASE.land, BASE.neighbour], "fill-antialias": false },
      },
      {
        id: "coast",
        type: "line",
        source: "basemap",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "line-color": BASE.coast, "line-width": zoomed(3, 0.5, 8, 1.1) },
      },
      { id: "veil", type: "fill", source: "veil", paint: { "fill-color": BASE.veil } },
      { id: "frame", type: "line", source: "veil", paint: { "line-color": BASE.frame, "line-width": 1 } },
      ...letteringLayers(),
    ],
  };
}

/** A layer of names beside their points; `sortKey` decides which of two names gives way. */
export function nameLayer(id, { colour, halo, size = 11, offset = 0.9, padding = 2, sortKey, ...more }) {
  return {
    id,
    type: "symbol",
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": size,
      "text-variable-anchor": ["top", "bottom", "left", "right"],
      "text-radial-offset": offset,
      "text-padding": padding,
      ...(sortKey === undefined ? {} : { "symbol-sort-key": sortKey }),
    },
    paint: { "text-color": colour, "text-halo-color": BASE.halo, "text-halo-width": halo },
    ...more,
  };
}

function letteringLayers() {
  const size = (low, high) => zoomed(4, low, 9, high);
  const place = (rank, minzoom) => nameLayer(`place-${rank}`, {
    source: "places", minzoom, filter: ["==", ["get", "rank"], rank], size: size(rank === 1 ? 12 : 11, 14),
    offset: 0.45, padding: 3, sortKey: rank, colour: BASE.text, halo: 1.4,
  });
  return [
    {
      id: "sea-names",
      type: "symbol",
      source: "lettering",
      minzoom: 4.4,
      filter: ["==", ["get", "kind"], "sea"],
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONT,
        "text-size": size(10.5, 15),
        "text-letter-spacing": 0.12,
        "text-max-width": 7,
      },
      paint: { "text-color": BASE.seaText, "text-halo-color": BASE.sea, "text-halo-width": 1 },
    },
    {
      id: "country-names",
      type: "symbol",
      source: "lettering",
      filter: ["==", ["get", "kind"], "country"],
      maxzoom: 8,
      layout: {
        "text-field": ["upcase", ["get", "name"]],
        "text-font": FONT,
        "text-size": size(10.5, 15),
        "text-letter-spacing": 0.18,
      },
      paint: { "text-color": "#5b6468", "text-halo-color": BASE.halo, "text-halo-width": 1.4 },
    },
    place(3, 6),
    place(2, 5),
    place(1, 0),
  ];
}

/** The lowest label layer; data layers go beneath it. */
export const BENEATH_LABELS = "sea-names";
/** The layer over the fill of areas. */
const ABOVE_AREAS = "areas-line";

/**
 * Create the map, or return null where WebGL is missing.
 *
 * @param {object} options `view`, `basemap` (GeoJSON or null), and the callbacks `onMove(view)`, `onPick(features|[])`,
 *   `onHover(feature|null, point)`, `onError(error)`, `onPainted()` (the coast is drawn), `onReady()` (layers may be added), `onStill(still)` (whether all that changed is
 *   drawn); `pickLayers()` gives the layer ids that answer.
 */
export function createMap(options) {
  let map;
  try {
    map = new window.maplibregl.Map({
      container: "map",
      style: baseStyle(options.basemap),
      ...(options.view
        ? { center: [options.view.lng, options.view.lat], zoom: options.view.zoom }
        : { bounds: HOME_BOX, fitBoundsOptions: { padding: 12 } }),
      minZoom: 2,
      maxZoom: 13,
      maxBounds: LIMITS,
      renderWorldCopies: false,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: reducedMotion() ? 0 : 150,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
  } catch {
    return null;
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.on("style.load", () => addImages(map));
  const painted = () => {
    if (!map.isSourceLoaded("basemap")) return;
    map.off("render", painted);
    performance.mark("petajaga-map-painted");
    options.onPainted();
  };
  map.on("render", painted);
  map.on("render", () => options.onStill(false));
  map.on("idle", () => options.onStill(true));
  map.on("load", options.onReady);
  map.on("moveend", () => options.onMove(viewOf(map)));
  map.on("error", (event) => options.onError(event.error ?? event));
  map.on("click", (event) => options.onPick(pick(map, event.point, options.pickLayers())));
  let last = 0;
  map.on("mousemove", (event) => {
    if (event.originalEvent.timeStamp - last < 40) return;
    last = event.originalEvent.timeStamp;
    const [feature = null] = pick(map, event.point, options.pickLayers());
    map.getCanvas().style.cursor = feature ? "pointer" : "";
    options.onHover(feature, event.point);
  });
  map.on("mouseout", () => options.onHover(null, null));
  wireButtons(map);
  return map;
}

function pick(map, { x, y }, layers) {
  const present = layers.filter((id) => map.getLayer(id));
  const box = [[x - CLICK_SLACK_PX, y - CLICK_SLACK_PX], [x + CLICK_SLACK_PX, y + CLICK_SLACK_PX]];
  const near = map.queryRenderedFeatures(box, { layers: present });
  // Points and lines near the pointer come before the area beneath; an area answers only exactly.
  const exact = new Set(map.queryRenderedFeatures([x, y], { layers: present }).map((f) => f.properties._key));
  return near.filter((f) => f.source !== "areas" || exact.has(f.properties._key));
}

function viewOf(map) {
  const { lng, lat } = map.getCenter();
  return { lng, lat, zoom: map.getZoom() };
}

function wireButtons(map) {
  const duration = () => (reducedMotion() ? 0 : 250);
  const on = (id, action) => document.getElementById(id).addEventListener("click", action);
  on("zoom-in", () => map.zoomIn({ duration: duration() }));
  on("zoom-out", () => map.zoomOut({ duration: duration() }));
  on("home", () => map.fitBounds(HOME_BOX, { padding: 12, duration: duration() }));
}

/**
 * Draw the roads of the base map under everything but the fill of areas.
 *
 * @param {object} layer their layer in the tiles: `id`, `minzoom`, `maxzoom`.
 */
export function addRoads(map, { id, minzoom, maxzoom }) {
  const tiles = [`${ROOT.href}static/basemap/{z}/{x}/{y}`];
  map.addSource("roads", { type: "vector", tiles, minzoom, maxzoom });
  const main = ["in", ["get", "class"], ["literal", MAIN_ROADS]];
  const width = (low, high) => ["case", main, high, low];
  map.addLayer({
    id: "roads",
    type: "line",
    source: "roads",
    "source-layer": id,
    minzoom,
    layout: { "line-join": "round" },
    paint: { "line-color": BASE.road, "line-width": zoomed(7, width(0.3, 0.7), 12, width(1, 2)) },
  }, ABOVE_AREAS);
}

/** Write country and sea names in the language of the page. */
export function nameBasemap(map) {
  map.getSource("lettering")?.setData(lettering());
}

/** Move the camera to a box. */
export function showBox(map, box, maxZoom = 8) {
  map.fitBounds(box, { padding: 48, maxZoom, duration: reducedMotion() ? 0 : 700 });
}
