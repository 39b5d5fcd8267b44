/**
 * Where people are taken: discs with a name at the ends of corridors and flows, and chips at the edge of the map for
 * those that lie outside of it.
 */

import { el } from "../ui/dom.js";
import { currentLanguage, label, persons, t } from "../i18n/i18n.js";
import { collection, setFeatures } from "./geometry.js";
import { BOLD, leaveOutTowns, nameLayer, reducedMotion } from "./map.js";
import { colours } from "./theme.js";

/** Schematic places of regions whose ports lie too near to those of Indonesia to be told apart; others have no such. */
const ANCHORS = {
  "MY-sabah": [116.75, 5.95],
  "MY-sarawak": [113.2, 2.75],
  "MY-peninsular_malaysia": [102.4, 4.0],
  SG: [105.2, 2.35],
};
const HOME = "ID";
/** Most chips on a wide and on a narrow map, and the free pixels around and between them. */
const CHIPS = { wide: 6, narrow: 3 };
const NARROW_PX = 500;
const GAP_PX = 6;
/** Free pixels at the edges: the buttons stand at the right, scale and sources at the foot. */
const INSET = { left: 10, top: 10, right: 58, bottom: 34 };

/** About how much room the name of a destination takes: per letter, at least, and above and beneath its place. */
const NAME_PX = { letter: 7.5, least: 90, above: 10, beneath: 42 };

/** The region abroad in which a terminal lies; null at home. */
export function regionOf({ geometry, properties }) {
  const country = properties.country ?? HOME;
  if (country === HOME) return null;
  const [lng, lat] = geometry.coordinates;
  const away = (id) => Math.hypot(ANCHORS[id][0] - lng, ANCHORS[id][1] - lat);
  const parts = Object.keys(ANCHORS).filter((id) => id.startsWith(`${country}-`));
  return parts.sort((a, b) => away(a) - away(b))[0] ?? country;
}

/** Where a region is drawn; `otherwise` where that is no schematic place. */
export const anchorOf = (region, otherwise) => ANCHORS[region] ?? otherwise;

/**
 * Regions abroad of the layer of destinations, most first: `{key, at, name, persons}`, persons a year who end there; those that
 * share a schematic place together.
 */
export function regionEnds(destinations) {
  const ends = new Map();
  for (const { geometry, properties: p } of destinations) {
    if (p.country === HOME || !geometry) continue;
    const part = `${p.country}-${p.region}`;
    const key = part in ANCHORS ? part : p.id;
    const name = part in ANCHORS ? label("region", p.region) : localName(p);
    const at = ANCHORS[part] ?? ANCHORS[p.country] ?? geometry.coordinates;
    ends.set(key, { key, at, name, persons: (ends.get(key)?.persons ?? 0) + p.flow_mean });
  }
  return [...ends.values()].sort((a, b) => b.persons - a.persons);
}

/** The name of a destination in the language of the page. */
export const localName = (p) => (currentLanguage() === "en" && p.name_en) || p.name;

/** Destinations that were loaded, by id: rows of other layers have their name in one language. */
const known = new Map();
export const noteDestinations = (features) => features.forEach(({ properties }) => known.set(properties.id, properties));

/** The name of a place of a corridor, `{id, name}`, which may be a destination. */
export const endName = ({ id, name }) => (known.has(id) ? localName(known.get(id)) : name);

/** A text that ends with the name of a destination. */
export function withEndName(text) {
  const end = [...known.values()].find(({ name }) => text.endsWith(name));
  return end ? text.slice(0, -end.name.length) + localName(end) : text;
}

/** Where corridors end, in the order of those: `{key, at, name}`; of several ends of one destination the first has its name. */
export function corridorEnds(corridors) {
  const ends = new Map();
  const named = new Set();
  for (const { geometry, properties: p } of corridors) {
    const key = p.destination_code ?? p.destination_id;
    if (!geometry || !key) continue;
    const line = geometry.type === "LineString" ? geometry.coordinates : geometry.coordinates.at(-1);
    const end = `${key} ${line.at(-1)}`;
    if (!ends.has(end)) ends.set(end, { key, at: line.at(-1), name: named.has(key) ? "" : endName({ id: key, name: p.destination_name }) });
    named.add(key);
  }
  return [...ends.values()];
}

const amount = (row) => (row.persons > 0 ? t("web.map_persons", { persons: persons(row.persons) }) : "");

/** The layers in the colours in force. */
export const destinationLayers = () => [
  {
    id: "destinations-disc", type: "symbol",
    layout: { "icon-image": "sign-destination", "icon-size": 0.62, "icon-allow-overlap": true, "icon-ignore-placement": true },
  },
  nameLayer("destinations-name", {
    colour: colours.BASE.text, halo: 1.6, size: 12.5, offset: 0.85, padding: 4, font: BOLD,
    field: ["format", ["get", "name"], {}, ["case", ["==", ["get", "amount"], ""], "", ["concat", "\n", ["get", "amount"]]], { "font-scale": 0.82 }],
  }),
].map((layer) => ({ source: "destinations", ...layer }));

/** Add the empty layers, once, over all others. */
export function installDestinations(map) {
  map.addSource("destinations", { type: "geojson", data: collection() });
  for (const layer of destinationLayers()) map.addLayer(layer);
  shown.map = map;
  map.on("moveend", drawChips);
  map.on("resize", drawChips);
}

/** What chips are made of: the map, and destinations the most important first. */
const shown = { map: null, ends: [] };

/** Draw the discs of `ends`, named where they are in view, and chips for those of `afar` that are not. */
export function drawDestinations(map, ends, afar) {
  const view = map.getBounds();
  setFeatures(map, "destinations", ends.map((end) => ({
    type: "Feature", properties: view.contains(end.at) ? { name: end.name, amount: amount(end) } : { name: "", amount: "" },
    geometry: { type: "Point", coordinates: end.at },
  })));
  leaveOutTowns(map, ends.map((end) => end.name));
  shown.ends = afar;
  drawChips();
}

function drawChips() {
  const { map, ends } = shown;
  const place = document.getElementById("off-map");
  const view = map.getBounds();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const most = width < NARROW_PX ? CHIPS.narrow : CHIPS.wide;
  const outside = ends.filter(({ at, name }) => name && !view.contains(at)).slice(0, most);
  place.hidden = outside.length === 0;
  place.replaceChildren(...outside.map((end) => chip(map, end)));
  const taken = [];
  const names = ends.filter(({ at, name }) => name && view.contains(at)).map((end) => nameBox(map, end));
  for (const [i, { at }] of outside.entries()) {
    const button = place.children[i];
    const aim = map.project(at);
    const size = { width, height, wide: button.offsetWidth, high: button.offsetHeight };
    const spot = freeSpot(aim, size, [...names, ...taken]) ?? freeSpot(aim, size, taken);
    button.hidden = spot === null;
    if (spot === null) continue;
    taken.push(spot);
    button.style.left = `${spot.x}px`;
    button.style.top = `${spot.y}px`;
    button.firstChild.style.transform = `rotate(${Math.atan2(aim.y - spot.y - spot.high / 2, aim.x - spot.x - spot.wide / 2)}rad)`;
  }
}

/** Where the disc of a destination stands with its name and amount beneath. */
function nameBox(map, { at, name }) {
  const { x, y } = map.project(at);
  const wide = Math.max(NAME_PX.least, NAME_PX.letter * name.length);
  return { x: x - wide / 2, y: y - NAME_PX.above, wide, high: NAME_PX.above + NAME_PX.beneath };
}

function chip(map, { name, at, ...row }) {
  const go = () => {
    map.getCanvas().focus();
    map.easeTo({ center: at, duration: reducedMotion() ? 0 : 700 });
  };
  return el("button", { type: "button", onclick: go }, el("span", { class: "arrowhead", "aria-hidden": "true" }, "➔"), el("span", {}, `${name} `), el("small", {}, amount(row)));
}

/** The place of a chip at the edge in the direction of `aim`, moved along the edge past those taken; null without room. */
function freeSpot(aim, { width, height, wide, high }, taken) {
  const [left, top, right, bottom] = [INSET.left, INSET.top, width - INSET.right - wide, height - INSET.bottom - high];
  const [dx, dy] = [aim.x - width / 2, aim.y - height / 2];
  const scale = Math.min(width / 2 / Math.abs(dx || 1e-9), height / 2 / Math.abs(dy || 1e-9));
  const inside = (value, least, most) => Math.max(least, Math.min(most, value));
  const [x0, y0] = [width / 2 + dx * scale - wide / 2, height / 2 + dy * scale - high / 2];
  const level = Math.abs(dy) * width > Math.abs(dx) * height; // at the top or the foot: chips stand beside each other
  const overlaps = (x, y) => taken.some((other) =>
    x < other.x + other.wide + GAP_PX && other.x < x + wide + GAP_PX && y < other.y + other.high + GAP_PX && other.y < y + high + GAP_PX);
  for (let step = 0; step < 24; step += 1) {
    const shift = (step % 2 ? 1 : -1) * Math.ceil(step / 2) * (level ? 24 : high / 2 + GAP_PX);
    const [x, y] = [inside(x0 + (level ? shift : 0), left, right), inside(y0 + (level ? 0 : shift), top, bottom)];
    if (!overlaps(x, y)) return { x, y, wide, high };
  }
  return null;
}
