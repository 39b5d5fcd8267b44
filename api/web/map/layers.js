/** Data layers of the map, one entry for each that can be switched, and the selection over them. */

import { byClass, zoomed } from "./expressions.js";
import { LOAD, NAMED_PORTS, PORTS_BY_ZOOM, PORT_NAME, PORT_SIZE } from "./port-signs.js";
import { corridorEnds, destinationLayers, drawDestinations, installDestinations, regionEnds } from "./destinations.js";
import { drawsRegions, flowFeatures } from "./flows.js";
import { arcs, bends, bounds, collection, setFeatures } from "./geometry.js";
import { hotspotSvg, onSigns, paintImages, signInk, signSvg } from "./icons.js";
import { BENEATH_LABELS, BENEATH_WATER, nameLayer, paintLayers } from "./map.js";
import { OVERLAY_PICKS, paintOverlay } from "./overlay.js";
import { PLACE_SIGN, UNSURE_BELOW } from "./palette.js";
import { colours } from "./theme.js";
import { tilesOf } from "../app/data.js";
import { persons, t } from "../i18n/i18n.js";
import { mark } from "../ui/dom.js";

const atLevel = (...names) => ["in", ["get", "level"], ["literal", names]];
/** Levels that are filled, by zoom: those that have outlines. */
const FILLED = ["step", ["zoom"], atLevel("province"), 5, atLevel("regency"), 8, atLevel("regency", "district"),
  9, atLevel("regency", "district", "village")];
/** How much of the land an area covers: less where lines cross it. */
const AREA_OPACITY = { alone: 0.9, crossed: 0.55 };
const CROSSING = ["corridors", "legs"];
const NONE = ["==", ["get", "_key"], "\u0000"];
/** Layers that the map has from the release's vector tiles, with the zooms of those; the rest is drawn from its rows. */
export const TILED = { areas: { minzoom: 2, maxzoom: 9 }, settlements: { minzoom: 6, maxzoom: 12 } };
/** The reader's own province, whose areas stand in the tiles apart, with more fields. */
let ownProvince = "";

/**
 * Layers a reader can switch, bottom first: the type that a click selects, the map layers that take the click,
 * and the sign beside the name where it is no line of the style sheet (`sign-<layer>`).
 */
const SWITCHED = {
  areas: { selects: "area", picks: ["areas-fill", "areas-unknown", "areas-fill-own", "areas-unknown-own"] },
  legs: {},
  corridors: { selects: "corridor", picks: ["corridors-line"] },
  settlements: { selects: "settlement", picks: ["settlements-dot"] },
  hotspots: { selects: "hotspot", picks: ["hotspots-sign"], sign: () => hotspotSvg("hot") },
  services: { selects: "service", picks: ["services-sign"], sign: () => signSvg("service") },
  terminals: { selects: "terminal", picks: ["terminals-sign"], sign: () => signSvg("seaport") },
};
const rows = Object.entries(SWITCHED).filter(([, layer]) => layer.selects);

export const SWITCHES = Object.keys(SWITCHED);
/** The type of selection of each layer that can be selected from, and the layer of each type. */
export const SELECTS = Object.fromEntries(rows.map(([name, layer]) => [name, layer.selects]));
export const COLLECTION_OF = Object.fromEntries(rows.map(([name, layer]) => [layer.selects, name]));
/** Ids of the map layers that answer to the pointer, the topmost first. */
export const PICK_LAYERS = [...OVERLAY_PICKS, ...rows.reverse().flatMap(([, layer]) => layer.picks)];
export const layerSign = (name) => SWITCHED[name].sign?.() ?? mark(`sign sign-${name}`);

const DEFAULTS = {
  public: ["areas", "corridors", "terminals"],
  partner: ["areas", "corridors", "terminals"],
  police: ["areas", "legs", "terminals"],
};

export const defaultLayers = (tier) => DEFAULTS[tier] ?? DEFAULTS.public;

const ROUND = { "line-cap": "round", "line-join": "round" };
/** Signs that stand wherever they are: names keep off the first, not off the others. */
const KEEPING = { "icon-allow-overlap": true };
const OVERLAPPING = { ...KEEPING, "icon-ignore-placement": true };
const corridorColour = () => byClass(colours.CORRIDOR_COLOURS, colours.CORRIDOR_COLOURS.not_assessed);
const signLayer = (id, image, size, layout = {}) => ({
  id, type: "symbol", layout: { "icon-image": image, "icon-size": size, "icon-padding": 0, ...layout },
});
const SOFT = zoomed(4, 1.5, 6, 3, 8, 8);
const areaLine = () => ({ "line-color": colours.BASE.halo, "line-width": zoomed(4, 0.4, 6, 0.9, 9, 1.6) });

/** Areas of all, or those of the own province; an outline that the official area contradicts has no line. */
function areaLayers(own) {
  const ofAll = ["all", FILLED, ...(own ? [] : [["!=", ["get", "province_code"], ownProvince]])];
  const layer = (id, type, filter, paint, more = {}) => ({
    id: `areas-${id}${own ? "-own" : ""}`, type, "source-layer": own ? "areas_own" : "areas", filter: [...ofAll, ...filter], paint, ...more,
  });
  const boundary = (...names) => ["in", ["get", "boundary"], ["literal", names]];
  const assessed = ["!=", ["get", "class"], "not_assessed"];
  return [
    layer("fill", "fill", [assessed], { "fill-color": byClass(colours.AREA_COLOURS, "#cccccc"), "fill-antialias": false }),
    layer("unknown", "fill", [["!", assessed]], { "fill-pattern": "dots", "fill-antialias": false }),
    layer("unsure", "fill", [assessed, ["<", ["to-number", ["get", "class_probability"], 1], UNSURE_BELOW]], { "fill-pattern": "hatch", "fill-antialias": false }),
    // From farther away the line of the provinces covers it.
    layer("soft", "line", [boundary("approximate")], {
      "line-color": colours.BASE.land, "line-width": SOFT, "line-blur": SOFT, "line-opacity": 0.6,
    }, { minzoom: 5 }),
    layer("line", "line", [["!", boundary("approximate", "rough", "unreliable")]], areaLine()),
    layer("line-rough", "line", [boundary("rough")], { ...areaLine(), "line-dasharray": [3, 2] }),
    ...(own ? [] : [{
      ...layer("province", "line", [], {
        "line-color": "#8b6f55", "line-width": zoomed(4, 0.6, 8, 1.6), "line-opacity": 0.7,
      }),
      filter: atLevel("province"),
    }]),
    { ...layer("selected", "line", [], { "line-color": colours.BASE.text, "line-width": 2.5 }), filter: NONE },
  ];
}

/** From this zoom every office is drawn; from farther away those that have room. */
const SERVICES_FROM = 6;

/** MapLibre layers of every switch in the colours in force. */
const specs = () => ({
  areas: [...areaLayers(false), ...areaLayers(true)],
  legs: [...["sea", "land", "air"].map((group) => ({
    id: `legs-${group}`,
    type: "line",
    filter: ["all", ["==", ["get", "medium"], group], ["!", ["has", "flow_mean"]]],
    layout: { "line-cap": group === "sea" ? "round" : "butt" },
    paint: {
      "line-color": colours.LEG_COLOURS[group],
      "line-opacity": group === "air" ? zoomed(4, 0.22, 7, 0.5) : zoomed(4, 0.4, 7, 0.65),
      "line-width": zoomed(4, 0.6, 8, 1.5),
      ...(group === "air" ? { "line-dasharray": [5, 4] } : {}),
      ...(group === "land" ? { "line-dasharray": [1.5, 2] } : {}),
    },
  })), ...flowLayers()],
  corridors: [
    {
      id: "corridors-line",
      type: "line",
      layout: { ...ROUND, "line-sort-key": ["get", "_order"] },
      paint: { "line-color": corridorColour(), "line-width": ["get", "_width"], "line-opacity": 0.8 },
    },
    {
      id: "corridors-selected-edge",
      type: "line",
      filter: NONE,
      layout: ROUND,
      paint: { "line-color": colours.BASE.halo, "line-width": ["+", ["get", "_width"], 6] },
    },
    {
      id: "corridors-selected",
      type: "line",
      filter: NONE,
      layout: ROUND,
      paint: { "line-color": corridorColour(), "line-width": ["+", ["get", "_width"], 2] },
    },
    {
      ...signLayer("corridors-arrows", "arrow", 0.95, {
        "symbol-placement": "line", "symbol-spacing": 110, "icon-allow-overlap": true, "icon-padding": 2,
      }),
      filter: NONE,
    },
  ],
  settlements: [
    {
      id: "settlements-dot",
      type: "circle",
      minzoom: TILED.settlements.minzoom,
      paint: {
        "circle-radius": zoomed(6, 1.6, 10, 4),
        "circle-color": PLACE_SIGN.colour,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 0.6,
      },
    },
    nameLayer("settlements-name", {
      minzoom: 9, colour: colours.BASE.second, halo: 1.2, offset: 0.5, sortKey: ["-", 0, ["to-number", ["get", "population"], 0]],
    }),
  ],
  hotspots: [
    signLayer("hotspots-sign", ["concat", "hotspot-", ["get", "class"]], zoomed(4, 0.42, 7, 0.72, 9, 0.95), {
      ...OVERLAPPING, "symbol-sort-key": ["match", ["get", "class"], "hot", 3, "cold", 2, 1],
    }),
    nameLayer("hotspots-name", {
      minzoom: 7.5, colour: colours.BASE.text, halo: 1.3, filter: ["in", ["get", "class"], ["literal", ["hot", "cold"]]],
    }),
  ],
  // Beside the sign of a port that stands in the same town, and not left out for it.
  services: [signLayer("services-sign", "sign-service", zoomed(4, 0.5, 9, 0.8), {
    "icon-offset": [16, -16], "icon-allow-overlap": ["step", ["zoom"], false, SERVICES_FROM, true],
  })],
  terminals: [
    {
      ...signLayer("terminals-sign", ["concat", "sign-", ["get", "kind"]], PORT_SIZE, { ...KEEPING, "symbol-sort-key": LOAD }),
      filter: PORTS_BY_ZOOM,
    },
    nameLayer("terminals-name", {
      minzoom: 5.6, filter: NAMED_PORTS, field: PORT_NAME, colour: signInk(), halo: 1.6, size: 11.5,
      sortKey: ["-", 0, LOAD],
    }),
  ],
});

/** Arrows where the tier has persons on each leg, in place of its lines. */
function flowLayers() {
  const { BASE, FLOW_COLOURS } = colours;
  const isAir = (wanted) => ["==", ["get", "_air"], wanted];
  const isOf = (type) => ["all", isAir(true), ["==", ["geometry-type"], type]];
  return [
    { id: "flows-air-head", type: "fill", filter: isOf("Polygon"), paint: { "fill-color": FLOW_COLOURS.air } },
    {
      id: "flows-air", type: "line", filter: isOf("LineString"),
      paint: { "line-color": FLOW_COLOURS.air, "line-width": ["get", "_width"], "line-dasharray": [3, 1.6] },
    },
    {
      id: "flows-casing", type: "line", filter: isAir(false), layout: ROUND,
      paint: { "line-color": BASE.halo, "line-width": 2.4 },
    },
    { id: "flows-fill", type: "fill", filter: isAir(false), paint: { "fill-color": signInk(FLOW_COLOURS.surface) } },
  ].map((layer) => ({ ...layer, source: "flows" }));
}

/** What flows and destinations are drawn from, built anew for each view; `shown` are the names of the layers that are on. */
const drawn = { legs: [], terminals: new Map(), corridors: [], destinations: [], shown: [] };
/** From this zoom the regions abroad are no matter of the view, and no chip names them. */
const AFAR_UNTIL = 8.2;

function drawFlows(map) {
  const zoom = map.getZoom();
  const { legs, terminals, corridors, destinations, shown } = drawn;
  setFeatures(map, "flows", flowFeatures(legs, terminals, { zoom, box: map.getBounds().toArray() }));
  const ends = shown.includes("corridors") ? corridorEnds(corridors) : [];
  const regions = shown.includes("legs") ? regionEnds(destinations) : [];
  drawDestinations(map, [...ends, ...(drawsRegions(zoom) ? regions : [])], zoom < AFAR_UNTIL ? [...regions, ...ends] : []);
}

/** Signs so many that no name could keep off them: names are written over them. */
const UNDER_NAMES = "hotspots-sign";

/** Layers in the colours of signs. */
const INKED = ["terminals-name", "flows-fill"];

/** Add empty sources and all layers, once, when the style is there. */
export function installLayers(map) {
  const layers = specs();
  map.addSource("flows", { type: "geojson", data: collection(), tolerance: 0 });
  map.on("moveend", () => drawFlows(map));
  for (const name of SWITCHES) {
    map.addSource(name, sourceOf(name));
    for (const layer of layers[name]) {
      const before = name === "areas" ? BENEATH_WATER : BENEATH_LABELS;
      addSwitched(map, name, layer, layer.type === "symbol" && layer.id !== UNDER_NAMES ? undefined : before);
    }
  }
  map.addSource("badges", { type: "geojson", data: collection() });
  map.addLayer({
    ...signLayer("badges", "", zoomed(5.6, 0.5, 9, 0.8), { ...OVERLAPPING, "icon-offset": [15, -15] }),
    source: "badges",
    minzoom: BADGES_FROM,
  });
  onSigns(() => paintLayers(map, Object.values(specs()).flat().filter(({ id }) => INKED.includes(id))));
  badgedMap = map;
  setBadges(badges.features, badges.sign, badges.label);
  installDestinations(map);
  map.addSource("selected", { type: "geojson", data: collection() });
  map.addLayer({ id: "selected-line", type: "line", source: "selected", filter: ["==", "$type", "LineString"], layout: ROUND, paint: { "line-color": colours.BASE.text, "line-width": 3 } });
  map.addLayer({
    id: "selected-point",
    type: "circle",
    source: "selected",
    filter: ["==", "$type", "Point"],
    paint: {
      "circle-radius": 13,
      "circle-color": "rgba(255,255,255,0)",
      "circle-stroke-color": colours.BASE.text,
      "circle-stroke-width": 2.5,
    },
  });
}

const sourceOf = (name) => (name in TILED
  ? { type: "vector", tiles: [tilesOf(name)], ...TILED[name] }
  : { type: "geojson", data: collection() });

/** Whether a layer is seen when its switch is on; what is selected of rows always is. */
const isSwitched = (name, { filter }) => name in TILED || filter !== NONE;

function addSwitched(map, name, layer, before) {
  const visibility = isSwitched(name, layer) ? "none" : "visible";
  map.addLayer({ source: name, ...(name in TILED ? { "source-layer": name } : {}), ...layer, layout: { visibility, ...layer.layout } }, before);
}

/** Have the tiles fetched anew, for the reader of a session: nothing of a session before stays. */
export function openTiles(map, { province }) {
  ownProvince = province ?? "";
  const layers = specs();
  for (const name of Object.keys(TILED)) {
    const order = map.getLayersOrder();
    const own = new Set(layers[name].map(({ id }) => id));
    const places = layers[name].map((layer) => [layer, order.slice(order.indexOf(layer.id)).find((id) => !own.has(id))]);
    for (const id of own) map.removeLayer(id);
    map.removeSource(name);
    map.addSource(name, sourceOf(name));
    for (const [layer, before] of places) addSwitched(map, name, layer, before);
  }
}

/** Paint the layers in the colours in force; the selection has to be marked again. */
export function paintData(map) {
  paintImages(map);
  paintLayers(map, [...Object.values(specs()).flat(), ...destinationLayers()]);
  paintOverlay(map);
  map.setPaintProperty("selected-point", "circle-stroke-color", colours.BASE.text);
  map.setPaintProperty("selected-line", "line-color", colours.BASE.text);
}

/** Opacity of areas when the layers in `names` are shown. */
export const areaOpacity = (names) => AREA_OPACITY[CROSSING.some((name) => names.includes(name)) ? "crossed" : "alone"];

/** From which zoom badges are drawn. */
const BADGES_FROM = 5.6;
let badges = { features: [], sign: null, label: null };
let badgedMap = null;

/** Signs of a desk at the upper right of places: points, all with one `sign` that `label()` names; none without arguments. */
export function setBadges(features = [], sign = null, label = null) {
  badges = { features, sign, label };
  if (badgedMap) setFeatures(badgedMap, "badges", features);
  if (sign) badgedMap?.setLayoutProperty("badges", "icon-image", `sign-${sign}`);
}

/** The sign of the badges and what it says; null where none is in view. */
export function badgeOf() {
  if (!badgedMap || badgedMap.getZoom() < BADGES_FROM) return null;
  const view = badgedMap.getBounds();
  return badges.features.some(({ geometry }) => view.contains(geometry.coordinates)) ? badges : null;
}

/** Show exactly the layers in `names`, and what is selected. */
export function showLayers(map, names) {
  const layers = specs();
  for (const name of SWITCHES) {
    const visibility = names.includes(name) ? "visible" : "none";
    for (const layer of layers[name]) if (isSwitched(name, layer)) map.setLayoutProperty(layer.id, "visibility", visibility);
  }
  for (const id of ["areas-fill", "areas-fill-own"]) map.setPaintProperty(id, "fill-opacity", areaOpacity(names));
  drawn.shown = names;
  drawFlows(map);
}

/** Replace the features of a layer that is drawn from its rows; corridors become weighted arcs. */
export function setLayerData(map, name, features, locate) {
  if (name === "destinations") drawn.destinations = features;
  if (name === "destinations") return drawFlows(map);
  if (name in TILED || !(name in SWITCHED)) return;
  const rendered = name === "corridors" ? corridorArcs(features, locate) : features.filter((f) => f.geometry);
  if (name === "terminals") {
    for (const { properties: p } of rendered) if (p.load_mean > 0) p._persons = t("web.map_persons", { persons: persons(Number(p.load_mean.toPrecision(2))) });
  }
  setFeatures(map, name, rendered);
  if (name === "legs") drawn.legs = rendered.filter(({ properties }) => properties.flow_mean > 0);
  if (name === "terminals") drawn.terminals = new Map(rendered.map((feature) => [feature.properties._key, feature]));
  if (name === "corridors") drawn.corridors = features;
  if (["legs", "terminals", "corridors"].includes(name)) drawFlows(map);
}

/**
 * The points of a corridor in order. `locate(id)` gives the coordinates of a terminal, or nothing.
 * Where a waypoint is not a terminal on the map, the bends of the published line are where its hops meet.
 */
function corridorPoints(feature, locate = () => null) {
  const waypoints = feature.properties.waypoints;
  if (Array.isArray(waypoints) && waypoints.length > 1) {
    const points = waypoints.map((point) => locate(point.id));
    if (points.every(Boolean)) return points;
  }
  const geometry = feature.geometry;
  const line = geometry?.type === "LineString" ? geometry.coordinates : (geometry?.coordinates ?? []).flat(1);
  return bends(line);
}

/** A corridor with this many times fewer persons than the greatest one shown is drawn as the thinnest line. */
export const WIDTH_RANGE = 60;

/** Line width in pixels of a yearly number of persons, by its logarithm down from the most shown. */
export function widthScale(features) {
  const most = Math.max(0, ...features.map((f) => Number(f.properties.persons_mean)).filter((v) => v > 0));
  if (most === 0) return null;
  return (persons) => 0.9 + 8.5 * Math.min(1, Math.max(0, 1 - Math.log(most / persons) / Math.log(WIDTH_RANGE)));
}

/** So many corridors of a class are drawn as wide as it is; more of them are thinner, or they hide the areas. */
const ROOM_FOR = 20;

function corridorArcs(features, locate) {
  const slim = Math.min(1, Math.sqrt(ROOM_FOR / features.length));
  const width = widthScale(features);
  const withPath = features.map((feature) => [feature, corridorPoints(feature, locate)]).filter(([, path]) => path.length > 1);
  const lines = arcs(withPath.map(([, path]) => path), width !== null);
  return withPath.map(([feature], i) => {
    const persons = Number(feature.properties.persons_mean);
    const classWidth = ({ low: 1.4, medium: 2.3, high: 3.4 }[feature.properties.class] ?? 1.4) * slim;
    return {
      type: "Feature",
      properties: {
        _key: feature.properties._key,
        class: feature.properties.class,
        _width: width && persons > 0 ? width(persons) : classWidth,
        // Apart, a thin line is drawn over a wide one; on a shared line the highest class is on top.
        _order: width ? -width(persons) : classWidth,
      },
      geometry: { type: "LineString", coordinates: lines[i] },
    };
  });
}

const FLOW_OPACITY = [["flows-air-head", "fill-opacity"], ["flows-air", "line-opacity"], ["flows-casing", "line-opacity"], ["flows-fill", "fill-opacity"]];

/** Mark `places` (`{type, id}`: the selection, and what it is compared with); `featureOf(place)` is null where it is not loaded. */
export function markSelection(map, places, featureOf) {
  const is = (type, property) =>
    ["in", ["get", property], ["literal", places.filter((place) => place.type === type).map(({ id }) => id)]];
  for (const id of ["areas-selected", "areas-selected-own"]) map.setFilter(id, is("area", "code"));
  for (const id of ["corridors-selected-edge", "corridors-selected", "corridors-arrows"]) map.setFilter(id, is("corridor", "_key"));
  const features = places.map(featureOf).filter(Boolean);
  const chosen = places.some(({ type }) => type === "corridor") && features.length > 0;
  map.setPaintProperty("corridors-line", "line-opacity", chosen ? 0.25 : 0.8);
  for (const [id, property] of FLOW_OPACITY) map.setPaintProperty(id, property, chosen ? 0.25 : 0.93);
  setFeatures(map, "selected", features.filter(({ geometry }) => geometry?.type.endsWith("Point")).flatMap(({ line, ...feature }) => (
    line ? [feature, { ...feature, geometry: line }] : [feature])));
}

/** Bounding box of a feature, of its point where it has no shape; null without either. */
export function featureBox({ geometry, bbox, properties: { lon, lat } }) {
  if (geometry) return bounds(geometry.coordinates);
  if (bbox) return [bbox.slice(0, 2), bbox.slice(2)];
  return Number.isFinite(lon) ? [[lon, lat], [lon, lat]] : null;
}
