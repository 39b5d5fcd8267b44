/**
 * A placeholder of the coast on a plain canvas until the map is ready; it stays where WebGL is missing. On a wide screen it
 * is drawn as soon as this module and its few are there, before the rest of the page's program.
 */

import { fetchBasemap } from "../app/data.js";
import { NARROW } from "../ui/dom.js";
import { HOME_BOX, LIMITS, MARGIN_PX, viewIn } from "./extent.js";
import { colours } from "./theme.js";

const TILE = 512;
const FINEST_PX = 0.8;
/** Extent of the coast it draws: the line stops short of the cut, which is no coast. */
const WINDOW = { west: 94.05, south: -11.95, east: 141.95, north: 7.95 };

/** Web Mercator, the whole world as 0 to 1. */
function project([lng, lat]) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lng + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** Width of the world in pixels and the centre, equal to those of the map. */
function camera(view, width, height) {
  const [west, south] = project(LIMITS[0]);
  const [east, north] = project(LIMITS[1]);
  const least = Math.max(width / (east - west), height / (south - north));
  if (view) return { scale: Math.max(least, TILE * 2 ** view.zoom), middle: project([view.lng, view.lat]) };
  const [left, low] = project(HOME_BOX[0]);
  const [right, high] = project(HOME_BOX[1]);
  const fits = Math.min((width - 2 * MARGIN_PX) / (right - left), (height - 2 * MARGIN_PX) / (low - high));
  const scale = Math.max(least, fits);
  const within = (value, from, to, half) => Math.min(Math.max(value, from + half), to - half);
  return {
    scale,
    middle: [
      within((left + right) / 2, west, east, width / 2 / scale),
      within((low + high) / 2, north, south, height / 2 / scale),
    ],
  };
}

/** One ring, without points closer than a pixel to the one before. */
function trace(pen, points) {
  let [x, y] = points[0];
  pen.moveTo(x, y);
  for (const [u, v] of points) {
    if (Math.abs(u - x) + Math.abs(v - y) < FINEST_PX) continue;
    [x, y] = [u, v];
    pen.lineTo(x, y);
  }
  pen.closePath();
}

/** Draw the base map beneath `place`'s other children; what is returned removes it. */
function draw(place, basemap, view) {
  const { clientWidth: width, clientHeight: height } = place;
  const canvas = document.createElement("canvas");
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = width * sharp;
  canvas.height = height * sharp;
  canvas.className = "sketch";
  canvas.setAttribute("aria-hidden", "true");
  // Drawn by the processor: the graphics card is busy starting the map.
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const { scale, middle } = camera(view, width, height);
  const at = (point) => {
    const [x, y] = project(point);
    return [(x - middle[0]) * scale + width / 2, (y - middle[1]) * scale + height / 2];
  };
  pen.scale(sharp, sharp);
  const { BASE } = colours;
  const lands = new Path2D();
  const homeland = new Path2D();
  for (const { geometry, properties } of basemap.features) {
    const polygons = { Polygon: [geometry?.coordinates], MultiPolygon: geometry?.coordinates }[geometry?.type] ?? [];
    const shape = properties?.country === "ID" || properties?.kind === "indonesia" ? homeland : lands;
    for (const ring of polygons.flat()) trace(shape, ring.map(at));
  }
  for (const [shape, fill] of [[lands, BASE.neighbour], [homeland, BASE.land]]) {
    pen.fillStyle = fill;
    pen.fill(shape, "evenodd");
  }
  const [left, top] = at([WINDOW.west, WINDOW.north]);
  const [right, bottom] = at([WINDOW.east, WINDOW.south]);
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.clip();
  pen.lineWidth = 0.6;
  pen.strokeStyle = BASE.coast;
  pen.stroke(lands);
  pen.stroke(homeland);
  place.prepend(canvas);
  requestAnimationFrame(() => performance.mark("petajaga-coast-drawn"));
  return () => canvas.remove();
}

let sketched;

/** Draw the coast, once, in the view that the address names; a promise of a function that removes it. */
export function sketchCoast() {
  sketched ??= fetchBasemap().then((basemap) => (
    draw(document.querySelector(".sheet"), basemap, viewIn(new URLSearchParams(location.hash.slice(1))))));
  return sketched;
}

// Who draws the map hears of what went wrong.
if (!NARROW.matches) sketchCoast().catch(() => undefined);
