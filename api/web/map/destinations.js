/**
 * Where people are taken: discs with a name at the ends of corridors and flows, and chips at the edge of the map for
 * those that lie outside of it.
 */

import { el } from "../ui/dom.js";
import { currentLanguage, label, persons, t } from "../i18n/i18n.js";
import { MARGIN_PX } from "./extent.js";
import { bounds, collection, setFeatures } from "./geometry.js";
import { BOLD, leaveOutTowns, nameLayer, reducedMotion } from "./map.js";
import { NAME_OFFSET, NAME_SIZE, drawnIn, overlap, withSpots } from "./name-spots.js";
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
const CHIPS = { wide: 5, narrow: 2 };
/** So many are there even where they have to stand over land. */
const LEAST_CHIPS = 3;
const NARROW_PX = 500;
const GAP_PX = 6;
/** Free pixels at the edges: the buttons stand at the right, scale and sources at the foot. */
const INSET = { left: 10, top: 10, right: 58, bottom: 34 };
/** A chip is tried at the edge every so many pixels, in a direction that is wrong by no more than this (radians). */
const STEP_PX = 26;
const ASTRAY = 0.85;
/** What no chip covers: names, and signs of places; land, which is not that of the destination, only where there is no sea. */
const NAMED = /^(place|terminals|hotspots|services|settlements|badges|overlay|sea-names|country-names|island-names)/;
const LAND = ["land", "world"];

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
    ends.set(key, { key, at, name, country: p.country, persons: (ends.get(key)?.persons ?? 0) + p.flow_mean });
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
    const name = named.has(key) ? "" : endName({ id: key, name: p.destination_name });
    if (!ends.has(end)) ends.set(end, { key, at: line.at(-1), name, country: known.get(key)?.country });
    named.add(key);
  }
  return [...ends.values()];
}

const amount = (row) => (row.persons > 0 ? t("web.map_persons", { persons: persons(row.persons) }) : "");

/** A layer of names whose side and lines are chosen already. */
function sided({ layout: { "text-variable-anchor": _, ...layout }, ...layer }) {
  return { ...layer, layout: { ...layout, "text-anchor": ["get", "side"], "text-max-width": 60 } };
}

/** The layers in the colours in force. */
export const destinationLayers = () => [
  {
    id: "destinations-disc", type: "symbol",
    layout: { "icon-image": "sign-destination", "icon-size": 0.62, "icon-allow-overlap": true },
  },
  sided(nameLayer("destinations-name", {
    colour: colours.BASE.text, halo: 1.6, size: NAME_SIZE, offset: NAME_OFFSET, padding: 0, font: BOLD,
    field: ["format", ["get", "name"], {}, ["case", ["==", ["get", "amount"], ""], "", ["concat", "\n", ["get", "amount"]]], { "font-scale": 0.82 }],
  })),
].map((layer) => ({ source: "destinations", ...layer }));

/** Add the empty layers, once, over all others. */
export function installDestinations(map) {
  map.addSource("destinations", { type: "geojson", data: collection() });
  for (const layer of destinationLayers()) map.addLayer(layer);
  shown.map = map;
  map.on("idle", drawNamed);
}

/** What is drawn: the map, the ends with their discs, and those that have a chip when they are out of view, the most important first. */
const shown = { map: null, ends: [], afar: [] };

/**
 * Draw the discs of `ends`, and once the map rests their names where they are in view, and chips for those of `afar` that
 * are not; until then a name stands where it stood: finding its place asks the map many times, which no click waits for.
 */
export function drawDestinations(map, ends, afar) {
  const before = new Map(shown.ends.map((end) => [keyOf(end), end]));
  const placed = ends.map((end) => ({ lines: [], ...before.get(keyOf(end)), ...end, amount: amount(end) }));
  Object.assign(shown, { ends: placed, afar });
  putEnds();
  map.triggerRepaint();
}

const keyOf = ({ key, at, name }) => `${key} ${name} ${at}`;

function putEnds() {
  setFeatures(shown.map, "destinations", shown.ends.map(({ at, lines, amount: text, side = "top" }) => ({
    type: "Feature", properties: { name: lines.join("\n"), amount: lines.length ? text : "", side },
    geometry: { type: "Point", coordinates: at },
  })));
}

/** Names have their places in the view as it stands, on land that is drawn: what has them already costs nothing. */
function drawNamed() {
  const { map } = shown;
  shown.ends = withSpots(map, shown.ends);
  putEnds();
  leaveOutTowns(map, shown.ends.filter(({ lines }) => lines.length).map(({ name }) => name));
  drawChips(shown.ends.flatMap(({ box, disc }) => (box ? [box, disc] : [disc])));
}

/** Chips by name, kept from one view to the next: one that has the focus stays. */
const chips = new Map();

function drawChips(taken) {
  const { map, afar } = shown;
  const place = document.getElementById("off-map");
  const view = map.getBounds();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const most = width < NARROW_PX ? CHIPS.narrow : CHIPS.wide;
  const outside = [...new Map(afar.filter(({ at, name }) => name && !view.contains(at)).map((end) => [end.name, end])).values()];
  place.hidden = outside.length === 0;
  const named = map.getLayersOrder().filter((id) => NAMED.test(id));
  const set = [];
  const put = (button, aim, fits) => {
    if (button.parentNode !== place) place.append(button);
    button.hidden = false;
    const size = { width, height, wide: button.offsetWidth, high: button.offsetHeight };
    const spot = edgeSpots(aim, size).find((box) => !taken.some((other) => overlap(box, other, GAP_PX)) && fits(box));
    button.hidden = !spot;
    if (!spot) return false;
    taken.push(spot);
    set.push(button);
    button.style.left = `${spot.x}px`;
    button.style.top = `${spot.y}px`;
    button.querySelector(".arrowhead")?.style.setProperty("transform", `rotate(${Math.atan2(aim.y - spot.y - spot.high / 2, aim.x - spot.x - spot.wide / 2)}rad)`);
    return true;
  };
  const overSea = (box) => !drawnIn(map, box, [...named, ...LAND]).length;
  const overNoName = (box) => !drawnIn(map, box, named).length;
  const kept = new Set();
  for (const [count, fits] of [[most, overSea], [Math.min(most, LEAST_CHIPS), overNoName]]) {
    for (const end of outside) {
      if (set.length < count && !kept.has(end) && put(chip(map, end), map.project(end.at), fits)) kept.add(end);
    }
  }
  const folded = outside.filter((end) => !kept.has(end));
  const aim = { x: 0, y: height / 2 };
  if (folded.length && !put(moreChip(map, folded), aim, overSea)) put(moreChip(map, folded), aim, overNoName);
  for (const child of [...place.children]) if (!set.includes(child)) child.remove();
}

function chip(map, { name, at, ...row }) {
  const text = amount(row);
  const known = chips.get(name);
  if (known?.text === text) return Object.assign(known.button, { onclick: () => goTo(map, at) });
  const button = el("button", { type: "button", onclick: () => goTo(map, at) },
    el("span", { class: "arrowhead", "aria-hidden": "true" }, "➔"), el("span", {}, `${name} `), el("small", {}, text));
  chips.set(name, { text, button });
  return button;
}

function goTo(map, at) {
  map.getCanvas().focus();
  map.easeTo({ center: at, duration: reducedMotion() ? 0 : 700 });
}

/** One chip for those that have no room of their own; it shows them all. */
function moreChip(map, ends) {
  const names = t("web.off_map_more", { count: ends.length, names: ends.map(({ name }) => name).join(", ") });
  const show = () => {
    map.getCanvas().focus();
    const [southWest, northEast] = map.getBounds().toArray();
    map.fitBounds(bounds([southWest, northEast, ...ends.map(({ at }) => at)]), { padding: MARGIN_PX, duration: reducedMotion() ? 0 : 700 });
  };
  return el("button", { type: "button", onclick: show, title: names, "aria-label": names }, `+${ends.length}`);
}

/** Places of a chip at the edges that point to `aim`, the nearest to its direction first. */
function edgeSpots(aim, { width, height, wide, high }) {
  const [left, top, right, bottom] = [INSET.left, INSET.top, width - INSET.right - wide, height - INSET.bottom - high];
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  const inside = (value, least, most) => Math.max(least, Math.min(most, value));
  const [dx, dy] = [aim.x - width / 2, aim.y - height / 2];
  const scale = Math.min((right - left) / 2 / Math.abs(dx || 1e-9), (bottom - top) / 2 / Math.abs(dy || 1e-9));
  const ideal = { x: inside(middleX + dx * scale, left, right), y: inside(middleY + dy * scale, top, bottom) };
  const along = (from, to) => Array.from({ length: Math.max(1, Math.floor((to - from) / STEP_PX) + 1) }, (_, i) => from + i * STEP_PX);
  const edges = [
    ideal, ...along(left, right).flatMap((x) => [{ x, y: top }, { x, y: bottom }]), ...along(top, bottom).flatMap((y) => [{ x: left, y }, { x: right, y }]),
  ];
  const away = ({ x, y }) => Math.hypot(x - ideal.x, y - ideal.y);
  const aside = Math.cos(ASTRAY) * Math.hypot(dx, dy);
  const ahead = ({ x, y }) => (x - middleX) * dx + (y - middleY) * dy >= aside * Math.hypot(x - middleX, y - middleY);
  return edges.filter((spot) => spot === ideal || ahead(spot)).sort((a, b) => away(a) - away(b)).map((spot) => ({ ...spot, wide, high }));
}
