/** Small maps side by side, all of one extent: places as numbered discs over the coast. */

import { fetchBasemap } from "../../static/app/data.js";
import { el } from "../../static/ui/dom.js";
import { bounds } from "../../static/map/geometry.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 168;
/** Height as a share of the width, at least and at most. */
const SHAPE = [0.45, 0.8];
/** Free share of the extent around the places, and the least extent in radians. */
const MARGIN = 0.12;
const LEAST = 0.02;
const RADIUS = 7;

/** Web Mercator in radians. */
const project = ([lng, lat]) => [(lng * Math.PI) / 180, -Math.asinh(Math.tan((lat * Math.PI) / 180))];

let coast = null;
/** Rings of land of the release's base map, projected; fetched once. */
const landRings = () => (coast ??= fetchBasemap().then(({ features }) => features.flatMap(({ geometry }) =>
  ({ Polygon: [geometry?.coordinates], MultiPolygon: geometry?.coordinates }[geometry?.type] ?? []).flat().map((ring) => ring.map(project)))));

/** What all maps show: how a place is drawn, and their size in pixels. */
function frameAround(places) {
  const [[west, north], [east, south]] = bounds(places.map(({ lon, lat }) => project([lon, lat])));
  const width = Math.max(LEAST, east - west) * (1 + 2 * MARGIN);
  const height = Math.max(LEAST, south - north) * (1 + 2 * MARGIN);
  const tall = Math.min(SHAPE[1], Math.max(SHAPE[0], height / width)) * WIDTH;
  const scale = Math.min(WIDTH / width, tall / height);
  const middle = [(west + east) / 2, (north + south) / 2];
  return { tall, at: ([x, y]) => [(x - middle[0]) * scale + WIDTH / 2, (y - middle[1]) * scale + tall / 2] };
}

/** The rings within the frame as one path, without points closer than a pixel. */
function pathOf(rings, { tall, at }) {
  const parts = [];
  for (const ring of rings) {
    const points = ring.map(at);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    if (Math.max(...xs) < 0 || Math.min(...xs) > WIDTH || Math.max(...ys) < 0 || Math.min(...ys) > tall) continue;
    let last = [-9, -9];
    const kept = points.filter((point) => {
      if (Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) < 0.7) return false;
      last = point;
      return true;
    });
    if (kept.length > 2) parts.push(`M${kept.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`);
  }
  return parts.join("");
}

function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * Maps as buttons of which one is pressed.
 *
 * @param {string} label of the group
 * @param {object[]} maps `{key, title, facts, places}`; `places` have `lon`, `lat` and, where they are numbered, `number`
 * @param {string} chosen the `key` of the one on the large map
 * @param {function} onChoose takes the key of another
 */
export function smallMaps(label, maps, chosen, onChoose) {
  const located = maps.map((map) => ({ ...map, places: map.places.filter(({ lon }) => Number.isFinite(lon)) }));
  const everywhere = located.flatMap(({ places }) => places);
  if (everywhere.length === 0) return null;
  const frame = frameAround(everywhere);
  const lands = located.map(() => svg("path", { class: "land" }));
  landRings().then((rings) => {
    const path = pathOf(rings, frame);
    for (const land of lands) land.setAttribute("d", path);
  }).catch((error) => {
    coast = null;
    console.warn(error);
  });
  return el("div", { class: "small-maps", role: "group", "aria-label": label }, located.map(({ key, title, facts, places }, i) => el(
    "button",
    { type: "button", "data-map": key, "aria-pressed": String(key === chosen), onclick: () => onChoose(key) },
    svg("svg", { viewBox: `0 0 ${WIDTH} ${frame.tall.toFixed(0)}`, "aria-hidden": "true" }, lands[i], ...places.map((place) => disc(place, frame))),
    el("strong", {}, title),
    el("small", {}, facts),
  )));
}

function disc({ lon, lat, number }, { at }) {
  const [x, y] = at(project([lon, lat])).map((value) => value.toFixed(1));
  if (number === undefined) return svg("circle", { class: "standing", cx: x, cy: y, r: 3 });
  return svg("g", { class: "numbered", transform: `translate(${x} ${y})` },
    svg("circle", { r: RADIUS }), svg("text", { y: 3 }, String(number)));
}
