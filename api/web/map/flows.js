/**
 * Persons a year between places as arrows: a filled polygon that grows from a third of its width to its head, at most
 * so many as a zoom can carry. Built for one view; the same shape stands in the legend.
 */

import { anchorOf, regionOf } from "./destinations.js";

/** By zoom: how many flows, whether the terminals of a town are one place, and whether those of a region abroad are. */
const TIERS = [
  { until: 4.8, most: 24, towns: true, regions: true },
  { until: 6, most: 36, towns: true, regions: true },
  { until: 7, most: 45, towns: true },
  { until: 8.2, most: 70, towns: true },
  { until: Infinity, most: 120, towns: false },
];
/** So many persons a year are this wide; the width goes with the root, up to `MOST` persons. */
const FULL = 24_000;
const FULL_PX = 17;
const MOST = 40_000;
const LEAST_PX = 1.2;
const PHONE = window.matchMedia("(max-width: 500px)");
const PHONE_SCALE = 0.72;
const AIR_SHARE = 0.4;
const TAIL_SHARE = 0.35;
/** How far an air line leaves the straight one, to the right, as a share of its length. */
const BEND = 0.16;
const STEP_PX = 5;
/** Free pixels between an arrow and the places at its ends. */
const TRIM_PX = 5;
/** Whether terminals abroad stand for their regions at a zoom. */
export const drawsRegions = (zoom) => Boolean(TIERS.find(({ until }) => zoom < until).regions);

/** From this zoom only what passes through the view is drawn. */
const IN_VIEW_FROM = 5.6;

const widthOf = (persons) =>
  Math.max(LEAST_PX, (PHONE.matches ? PHONE_SCALE : 1) * FULL_PX * Math.sqrt(Math.min(persons, MOST) / FULL));

/** Web Mercator in pixels at a zoom, and back. */
function mercator(zoom) {
  const size = 512 * 2 ** zoom;
  return {
    to([lng, lat]) {
      const sine = Math.sin((lat * Math.PI) / 180);
      return [((lng + 180) / 360) * size, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size];
    },
    from([x, y]) {
      return [(x / size) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI];
    },
  };
}

const distance = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0);
const between = ([x0, y0], [x1, y1], s) => [x0 + (x1 - x0) * s, y0 + (y1 - y0) * s];

/** Points at equal steps along a line, its ends included. */
function evenly(line) {
  const at = [0];
  for (let i = 1; i < line.length; i += 1) at.push(at[i - 1] + distance(line[i - 1], line[i]));
  const length = at.at(-1);
  const steps = Math.max(2, Math.min(400, Math.round(length / STEP_PX)));
  const points = [];
  for (let k = 0, i = 1; k <= steps; k += 1) {
    const wanted = (length * k) / steps;
    while (i < line.length - 1 && at[i] < wanted) i += 1;
    points.push(between(line[i - 1], line[i], at[i] > at[i - 1] ? (wanted - at[i - 1]) / (at[i] - at[i - 1]) : 0));
  }
  return { points, length };
}

/** The same points without corners: each is the mean of those around it. */
function smooth(points, reach = 3) {
  return points.map((_, i) => {
    const near = Math.min(reach, i, points.length - 1 - i);
    const around = points.slice(i - near, i + near + 1);
    return [0, 1].map((axis) => around.reduce((sum, point) => sum + point[axis], 0) / around.length);
  });
}

/** A curve to the right of the straight line, for what flies. */
function bent([x0, y0], [x1, y1]) {
  const [cx, cy] = [(x0 + x1) / 2 - (y1 - y0) * BEND, (y0 + y1) / 2 + (x1 - x0) * BEND];
  return Array.from({ length: 25 }, (_, i) => {
    const s = i / 24;
    const r = 1 - s;
    return [r * r * x0 + 2 * r * s * cx + s * s * x1, r * r * y0 + 2 * r * s * cy + s * s * y1];
  });
}

/**
 * The outline of an arrow in pixels along `line`, `width` wide at its head; `shift` moves it to the right, where the
 * way back is drawn too. Null where there is no room for one.
 */
function arrowOutline(line, width, { shift = 0, trim = 0 } = {}) {
  const { points: all, length } = evenly(line);
  if (length < 2 * trim + 6) return null;
  const cut = Math.round(trim / (length / (all.length - 1)));
  const points = smooth(all.slice(cut, all.length - cut));
  if (points.length < 3) return null;
  const wide = Math.min(width, 0.34 * length);
  const head = Math.max(6, 3.5 + 1.05 * wide);
  const headHalf = wide / 2 + 2.2 + 0.16 * wide;
  const stem = Math.max(1, points.length - 1 - Math.max(1, Math.round(head / STEP_PX)));
  const normal = (i) => {
    const [a, b] = [points[Math.max(0, i - 1)], points[Math.min(points.length - 1, i + 1)]];
    const size = distance(a, b) || 1;
    return [-(b[1] - a[1]) / size, (b[0] - a[0]) / size];
  };
  const beside = (i, offset) => {
    const [nx, ny] = normal(i);
    return [points[i][0] + nx * (offset + shift), points[i][1] + ny * (offset + shift)];
  };
  const half = (i) => (wide / 2) * (TAIL_SHARE + (1 - TAIL_SHARE) * (i / stem));
  const right = Array.from({ length: stem + 1 }, (_, i) => beside(i, half(i)));
  const left = Array.from({ length: stem + 1 }, (_, i) => beside(stem - i, -half(stem - i)));
  const ring = [...right, beside(stem, headHalf), beside(points.length - 1, 0), beside(stem, -headHalf), ...left];
  return [...ring, ring[0]];
}

/** What flies: a line, and a head at its end, as `[type, points(from)]`; the line ends where the head begins. */
function airFeatures(path, { _width: width }) {
  const { points, length } = evenly(path);
  const head = Math.max(8, 5 + 1.6 * width);
  const stem = points.length - 1 - Math.max(1, Math.round((head + TRIM_PX) / STEP_PX));
  if (stem < 1 || length < 3 * head) return [["LineString", (from) => path.map(from)]];
  const [base, tip] = [points[stem], between(points.at(-1), points[stem], TRIM_PX / distance(points.at(-1), points[stem]))];
  const size = distance(base, tip) || 1;
  const half = width / 2 + 3;
  const [nx, ny] = [(-(tip[1] - base[1]) / size) * half, ((tip[0] - base[0]) / size) * half];
  const ring = [[base[0] + nx, base[1] + ny], tip, [base[0] - nx, base[1] - ny], [base[0] + nx, base[1] + ny]];
  return [["LineString", (from) => points.slice(0, stem + 1).map(from)], ["Polygon", (from) => [ring.map(from)]]];
}

/** Flows between places in one direction, most persons first: `{key, back, air, persons, kind, line, start, end}`. */
function flowsBetween(legs, terminals, { towns, regions }) {
  const places = new Map();
  const placeOf = (id) => {
    const terminal = terminals.get(id);
    if (!terminal?.geometry) return null;
    const { place, load_mean: load } = terminal.properties;
    const region = regions ? regionOf(terminal) : null;
    const key = region ?? (towns && place ? place : id);
    const known = places.get(key);
    const at = anchorOf(region, terminal.geometry.coordinates);
    if (!known || known.load < load) places.set(key, { key, load, at, anchored: at !== terminal.geometry.coordinates });
    return key;
  };
  const hiddenKind = ({ from_id: a, to_id: b }) =>
    [a, b].map((id) => terminals.get(id).properties).find(({ official }) => official === false)?.kind ?? null;
  const flows = new Map();
  for (const { geometry, properties: p } of legs) {
    const [from, to] = [placeOf(p.from_id), placeOf(p.to_id)];
    if (!geometry || from === null || to === null || from === to) continue;
    const air = p.medium === "air";
    const key = `${from}>${to}>${air}`;
    const flow = flows.get(key) ?? { key, back: `${to}>${from}>${air}`, from, to, air, persons: 0, most: 0 };
    flow.persons += p.flow_mean;
    if (p.flow_mean > flow.most) Object.assign(flow, { most: p.flow_mean, line: longest(geometry), kind: hiddenKind(p) });
    flows.set(key, flow);
  }
  const rows = [...flows.values()].filter(({ line }) => line);
  for (const flow of rows) {
    const [from, to] = [places.get(flow.from), places.get(flow.to)];
    // A schematic place takes the end of the line with it.
    const line = [...(from.anchored ? [from.at] : []), ...flow.line, ...(to.anchored ? [to.at] : [])];
    Object.assign(flow, { start: from.at, end: to.at, line });
  }
  return rows.sort((a, b) => b.persons - a.persons);
}

const longest = ({ type, coordinates }) =>
  (type === "LineString" ? coordinates : coordinates.reduce((best, part) => (part.length > best.length ? part : best)));

/**
 * What is drawn of `legs` in one view, as GeoJSON features, the widest last: `_air` lines with a `_width` and their
 * heads, and polygons; `kind` is that of the terminal at an end that is not official, of the greatest leg.
 *
 * @param {object[]} legs features with `from_id`, `to_id`, `medium`, `flow_mean` (persons a year)
 * @param {Map} terminals features by id, with `place` and `load_mean`
 * @param {object} view `zoom` and `box` ([[west, south], [east, north]])
 */
export function flowFeatures(legs, terminals, { zoom, box: [[west, south], [east, north]] }) {
  const tier = TIERS.find(({ until }) => zoom < until);
  const { to, from } = mercator(zoom);
  const isIn = ([lng, lat]) => lng >= west && lng <= east && lat >= south && lat <= north;
  let flows = flowsBetween(legs, terminals, tier);
  if (zoom >= IN_VIEW_FROM) flows = flows.filter(({ air, line, start, end }) => (air ? [start, end] : line).some(isIn));
  const drawn = flows.filter(({ persons }) => persons >= 1).slice(0, tier.most);
  const keys = new Set(drawn.map(({ key }) => key));
  return drawn.reverse().flatMap(({ key, back, air, line, start, end, persons, kind }) => {
    const wide = widthOf(persons) * (air ? AIR_SHARE : 1);
    const properties = { _key: key, _air: air, _width: Math.max(LEAST_PX, wide), kind };
    const path = air ? bent(to(start), to(end)) : line.map(to);
    if (air) return airFeatures(path, properties).map(([type, points]) => ({ type: "Feature", properties, geometry: { type, coordinates: points(from) } }));
    const shift = keys.has(back) ? wide / 2 + 0.8 : 0;
    const ring = arrowOutline(path, wide, { shift, trim: TRIM_PX });
    return ring ? [{ type: "Feature", properties, geometry: { type: "Polygon", coordinates: [ring.map(from)] } }] : [];
  });
}

/** The arrow of so many persons for the legend: an SVG path, and the size of its box. */
export function sampleArrow(persons) {
  const width = widthOf(persons);
  const high = 2 * (width / 2 + 2.2 + 0.16 * width) + 2;
  const ring = arrowOutline([[1, high / 2], [57, high / 2]], width);
  return { d: `M${ring.map((point) => point.map((v) => v.toFixed(1)).join(" ")).join("L")}Z`, width: 58, height: high };
}
