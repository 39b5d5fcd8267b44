/** Where the names of destinations stand: beside their discs, over water or their own land, apart from each other. */

import { BOLD } from "./map.js";

/** The size of the letters, and the widest line, in pixels; amounts stand beneath the name in smaller ones. */
export const NAME_SIZE = 12.5;
const WIDEST_PX = 126;
const LINE_PX = 1.2 * NAME_SIZE;
const AMOUNT_SCALE = 0.82;
/** How far a name stands from the middle of its disc, and half of the disc. */
export const NAME_OFFSET = 0.85;
const AWAY_PX = NAME_OFFSET * NAME_SIZE;
const DISC_PX = 8;
/** Sides of a disc, as MapLibre's anchors name them, the best first: where its name begins in shares of width and height. */
const SIDES = {
  top: [-0.5, 0], bottom: [-0.5, -1], left: [0, -0.5], right: [-1, -0.5],
  "top-left": [0, 0], "top-right": [-1, 0], "bottom-left": [0, -1], "bottom-right": [-1, -1],
};
const DIAGONAL = Math.SQRT1_2;
/** So much of a name may stand over a border. */
const EDGE_PX = { x: 9, y: 3 };
/** A province of the box that is not the end's own weighs less than a foreign country, which no name may touch. */
const AREAS = ["areas-fill", "areas-unknown", "areas-fill-own", "areas-unknown-own"];

const pen = document.createElement("canvas").getContext("2d");
function widthOf(text, size = NAME_SIZE) {
  pen.font = `bold ${size}px ${BOLD.slice(1).map((name) => (name.includes(" ") ? `"${name}"` : name)).join(", ")}`;
  return pen.measureText(text).width;
}

/** A name in lines none of which is too wide, about as long as each other. */
export function inLines(name) {
  const words = name.split(" ");
  const target = widthOf(name) / Math.ceil(widthOf(name) / WIDEST_PX);
  const lines = [words[0]];
  for (const word of words.slice(1)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (widthOf(longer) <= Math.max(target * 1.12, 60)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

export const overlap = (a, b, gap = 0) =>
  a.x < b.x + b.wide + gap && b.x < a.x + a.wide + gap && a.y < b.y + b.high + gap && b.y < a.y + a.high + gap;

/** What the layers of `ids` that are there have in a box of the screen; nothing while their tiles change, which comes to rest. */
export function drawnIn(map, { x, y, wide, high }, ids) {
  const layers = ids.filter((id) => map.getLayer(id));
  try {
    return map.queryRenderedFeatures([[x, y], [x + wide, y + high]], { layers });
  } catch {
    return [];
  }
}

/** The country of an end, of its code or of the destination: "ID", "MY"; undefined where neither says it. */
const countryOf = ({ key, country }) => country ?? (/^\d/.test(key) ? "ID" : /^[A-Z]{2}/.exec(key)?.[0]);

/** How wrong the land beneath a box is for an end: 0 over water and its own, Infinity over another country. */
function foreignness(map, { x, y, wide, high }, end) {
  const box = { x: x + EDGE_PX.x, y: y + EDGE_PX.y, wide: wide - 2 * EDGE_PX.x, high: high - 2 * EDGE_PX.y };
  const own = countryOf(end);
  const countries = new Set(drawnIn(map, box, ["land"]).map(({ properties }) => properties.country));
  if ([...countries].some((country) => country !== own)) return Infinity;
  if (own !== "ID" || !/^\d/.test(end.key) || !countries.size) return 0;
  const provinces = new Set(drawnIn(map, box, AREAS).map(({ properties }) => properties.code.slice(0, 2)));
  provinces.delete(end.key.slice(0, 2));
  return provinces.size;
}

/**
 * Give each of `ends` in view (`{key, at, name, country?}`, with the text `amount`), the first first, `lines` and the
 * `side` where its name stands, and `box`, the screen that the name takes; a name without a place is left out.
 */
export function withSpots(map, ends) {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const points = ends.map(({ at }) => map.project(at));
  const discs = points.map(({ x, y }) => ({ x: x - DISC_PX, y: y - DISC_PX, wide: 2 * DISC_PX, high: 2 * DISC_PX }));
  const taken = [];
  return ends.map((end, i) => {
    const { x, y } = points[i];
    if (!end.name || x < 0 || y < 0 || x > width || y > height) return { ...end, lines: [], box: undefined, disc: discs[i] };
    const lines = inLines(end.name);
    const amountWide = end.amount ? widthOf(end.amount, NAME_SIZE * AMOUNT_SCALE) : 0;
    const wide = Math.max(amountWide, ...lines.map((line) => widthOf(line)));
    const high = (lines.length + (end.amount ? AMOUNT_SCALE : 0)) * LINE_PX;
    const others = discs.filter((_, j) => j !== i);
    let best = { cost: Infinity };
    for (const [side, [dx, dy]] of Object.entries(SIDES)) {
      const away = AWAY_PX * (side.includes("-") ? DIAGONAL : 1);
      const box = {
        x: x + dx * wide + away * (side.includes("left") - side.includes("right")),
        y: y + dy * high + away * (side.includes("top") - side.includes("bottom")), wide, high,
      };
      const inside = box.x >= 2 && box.y >= 2 && box.x + wide <= width - 2 && box.y + high <= height - 2;
      if (!inside || taken.some((other) => overlap(box, other, 2))) continue;
      const covered = others.filter((disc) => overlap(box, disc, -4)).length;
      const cost = foreignness(map, box, end) + covered;
      if (cost < best.cost) best = { cost, side, box };
      if (cost === 0) break;
    }
    if (!best.box) return { ...end, lines: [], box: undefined, disc: discs[i] };
    taken.push(best.box);
    return { ...end, lines, side: best.side, box: best.box, disc: discs[i] };
  });
}
