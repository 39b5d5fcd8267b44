/**
 * The signs of terminals and services. Each kind has a shape of its own, so that colour is never the only
 * difference; the same path is drawn on the map and in the legend.
 */

import { colours, isDark } from "./theme.js";
import { HOTSPOT_SIGNS, PLACE_SIGN, SERVICE_SIGN, SIGNS as KINDS } from "./palette.js";

/** Signs of terminals, destinations, places and services by kind. */
export const SIGNS = { ...KINDS, place: PLACE_SIGN, service: SERVICE_SIGN };

const SIZE = 24;

/** Image data of a square of `side` pixels that `draw(pen)` fills. */
function picture(side, draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  pen.lineJoin = "round";
  draw(pen);
  return pen.getImageData(0, 0, side, side);
}

/** One sign with a halo, at twice its size for sharp screens. */
const drawSign = (sign) => picture(SIZE * 2, (pen) => {
  const { fill, outline, width } = paintOf(sign);
  pen.scale(2, 2);
  const shape = new Path2D(sign.path);
  pen.lineWidth = 4.5;
  pen.strokeStyle = colours.BASE.halo;
  pen.stroke(shape);
  pen.fillStyle = fill;
  pen.fill(shape);
  pen.strokeStyle = outline;
  pen.lineWidth = width;
  if (width) pen.stroke(shape);
  pen.strokeStyle = colours.BASE.halo;
  pen.lineWidth = 2.6;
  if (sign.mark) pen.stroke(new Path2D(sign.mark));
});

/** Colours of a sign in the theme in force: hollow ones are an outline around the colour of halos. */
function paintOf({ colour, dark, hollow }) {
  const own = (isDark() && dark) || colour;
  return hollow ? { fill: colours.BASE.halo, outline: own, width: 2.8 } : { fill: own, outline: own, width: 0 };
}

/** Patterns over areas in the colours in force: dots where none is assessed, hatching where the class is unsure. */
const PATTERNS = {
  dots: () => picture(16, (pen) => {
    pen.fillStyle = colours.BASE.notAssessed;
    pen.fillRect(0, 0, 16, 16);
    pen.fillStyle = colours.BASE.border;
    pen.fill(new Path2D("M8 6.3A1.7 1.7 0 1 1 7.99 6.3Z"));
  }),
  hatch: () => picture(16, (pen) => {
    pen.globalAlpha = isDark() ? 0.55 : 0.75;
    pen.strokeStyle = colours.BASE.halo;
    pen.lineWidth = 3;
    pen.stroke(new Path2D("M-16 16 0 0M-2 18 18 -2M0 16 16 0M14 18 18 14M-2 2 2 -2"));
  }),
};

/** Draw signs and patterns again in the colours in force. */
export function paintImages(map) {
  addSignsTo(map, SIGNS);
  for (const [name, draw] of Object.entries(PATTERNS)) map.updateImage(name, draw());
}

/** An arrowhead that follows the selected corridor. */
const drawArrow = () => picture(32, (pen) => {
  const head = new Path2D("M8 5 26 16 8 27 13 16Z");
  pen.lineWidth = 4;
  pen.strokeStyle = "#1c2b30";
  pen.stroke(head);
  pen.fillStyle = "#ffffff";
  pen.fill(head);
});

let drawnOn = null;
let painted = () => undefined;

/** Signs that come with a desk. */
export function addSigns(signs) {
  Object.assign(SIGNS, signs);
  if (!drawnOn) return;
  addSignsTo(drawnOn, signs);
  painted();
}

/** Have what is in the colour of a sign painted when there are more signs. */
export function onSigns(paint) {
  painted = paint;
}

/** The colour of a port's name, as an expression: that of its sign where the sign is filled, else `otherwise`. */
export function signInk(otherwise = colours.BASE.text) {
  const filled = Object.entries(SIGNS).filter(([, sign]) => !sign.hollow);
  return ["match", ["get", "kind"], ...filled.flatMap(([kind, sign]) => [kind, paintOf(sign).outline]), otherwise];
}

function addSignsTo(map, signs) {
  for (const [kind, sign] of Object.entries(signs)) {
    const name = `sign-${kind}`;
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, drawSign(sign), { pixelRatio: 2 });
  }
}

export function addImages(map) {
  drawnOn = map;
  const add = (name, image) => map.addImage(name, image, { pixelRatio: 2 });
  addSignsTo(map, SIGNS);
  // A layer may be here before the desk with its signs: nothing is drawn until then.
  map.on("styleimagemissing", ({ id }) => {
    if (id.startsWith("sign-")) map.addImage(id, { width: 1, height: 1, data: new Uint8Array(4) });
  });
  for (const [name, sign] of Object.entries(HOTSPOT_SIGNS)) add(`hotspot-${name}`, drawSign(sign));
  for (const [name, draw] of Object.entries(PATTERNS)) add(name, draw());
  add("arrow", drawArrow());
}

const SVG = "http://www.w3.org/2000/svg";

/** The same sign as an SVG element, for legend and lists. */
/** The colour of a sign. */
export const signColour = (kind) => paintOf(SIGNS[kind] ?? SIGNS.place).outline;

export const signSvg = (kind) => svgOf(SIGNS[kind] ?? SIGNS.place);

/** The sign of a class of hot spots as an SVG element. */
export const hotspotSvg = (name) => svgOf(HOTSPOT_SIGNS[name] ?? HOTSPOT_SIGNS.not_assessed);

/** A drawing of paths, hidden from screen readers. */
export function svg(attributes, ...paths) {
  const make = (tag, given) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
    return element;
  };
  const drawing = make("svg", { "aria-hidden": "true", ...attributes });
  drawing.append(...paths.map((path) => make("path", path)));
  return drawing;
}

function svgOf(sign) {
  const { fill, outline, width } = paintOf(sign);
  const marks = sign.mark ? [{ d: sign.mark, fill: "none", stroke: colours.BASE.halo, "stroke-width": 2.6 }] : [];
  return svg({ class: "sign", viewBox: "0 0 24 24" }, { d: sign.path, fill, stroke: outline, "stroke-width": width }, ...marks);
}
