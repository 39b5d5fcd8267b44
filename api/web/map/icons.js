/**
 * The signs of terminals and services. Each kind has a shape of its own, so that colour is never the only
 * difference; the same path is drawn on the map and in the legend.
 */

export const SIGNS = {
  seaport: { path: "M4 4H20V20H4Z", colour: "#1d4e89" },
  ferry: { path: "M12 3.5A8.5 8.5 0 1 1 11.99 3.5Z", colour: "#1f7a8c" },
  airport: { path: "M12 3 21.5 20H2.5Z", colour: "#5b4b8a" },
  border_post: { path: "M12 2 22 12 12 22 2 12Z", colour: "#3f6b2a" },
  unofficial: {
    path: "M7 2.5 12 7.5 17 2.5 21.5 7 16.5 12 21.5 17 17 21.5 12 16.5 7 21.5 2.5 17 7.5 12 2.5 7Z",
    colour: "#b3261e",
  },
  place: { path: "M12 6.5A5.5 5.5 0 1 1 11.99 6.5Z", colour: "#4d5b61" },
  destination: {
    path: "M12 2 15 9 22.5 9.6 16.8 14.5 18.6 21.8 12 17.8 5.4 21.8 7.2 14.5 1.5 9.6 9 9Z",
    colour: "#6f003e",
  },
  service: { path: "M9 3H15V9H21V15H15V21H9V15H3V9H9Z", colour: "#4d5b61" },
};

/** Signs of hot spots: more than chance, fewer, no different, not assessed. `mark` is cut out of the disc in white. */
const HOTSPOT_SIGNS = {
  hot: { path: "M12 2.5A9.5 9.5 0 1 1 11.99 2.5Z", colour: "#9b1c1c", mark: "M12 7V17M7 12H17" },
  cold: { path: "M12 2.5A9.5 9.5 0 1 1 11.99 2.5Z", colour: "#23639b", mark: "M7 12H17" },
  not_significant: { path: "M12 8A4 4 0 1 1 11.99 8Z", colour: "#767d80" },
  not_assessed: { path: "M12 5.5 18.5 18.5H5.5Z", colour: "#ffffff", edge: "#767d80" },
};

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

/** One sign, white-edged, at twice its size for sharp screens. */
const drawSign = ({ path, colour, mark, edge }) => picture(SIZE * 2, (pen) => {
  pen.scale(2, 2);
  const shape = new Path2D(path);
  pen.lineWidth = 4;
  pen.strokeStyle = "#ffffff";
  pen.stroke(shape);
  pen.fillStyle = colour;
  pen.fill(shape);
  pen.lineWidth = edge ? 1.8 : 2.6;
  if (edge) pen.strokeStyle = edge;
  if (edge) pen.stroke(shape);
  if (mark) pen.stroke(new Path2D(mark));
});

/** Grey hatching for areas whose class is not assessed. */
const drawHatch = () => picture(16, (pen) => {
  pen.fillStyle = "#e4e5e3";
  pen.fillRect(0, 0, 16, 16);
  pen.strokeStyle = "#a9afb1";
  pen.lineWidth = 2;
  pen.stroke(new Path2D("M-16 16 0 0M0 16 16 0M16 16 32 0"));
});

/** An arrowhead that follows the selected corridor. */
const drawArrow = () => picture(32, (pen) => {
  const head = new Path2D("M8 5 26 16 8 27 13 16Z");
  pen.lineWidth = 4;
  pen.strokeStyle = "#1c2b30";
  pen.stroke(head);
  pen.fillStyle = "#ffffff";
  pen.fill(head);
});

export function addImages(map) {
  const add = (name, image) => map.addImage(name, image, { pixelRatio: 2 });
  for (const [kind, sign] of Object.entries(SIGNS)) add(`sign-${kind}`, drawSign(sign));
  for (const [name, sign] of Object.entries(HOTSPOT_SIGNS)) add(`hotspot-${name}`, drawSign(sign));
  add("hatch", drawHatch());
  add("arrow", drawArrow());
}

const SVG = "http://www.w3.org/2000/svg";

/** The same sign as an SVG element, for legend and lists. */
export const signSvg = (kind) => svgOf(SIGNS[kind] ?? SIGNS.place);

/** The sign of a class of hot spots as an SVG element. */
export const hotspotSvg = (name) => svgOf(HOTSPOT_SIGNS[name] ?? HOTSPOT_SIGNS.not_assessed);

function svgOf(sign) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  const draw = (d, attributes) => {
    const path = document.createElementNS(SVG, "path");
    for (const [name, value] of Object.entries({ d, ...attributes })) path.setAttribute(name, value);
    svg.append(path);
  };
  draw(sign.path, { fill: sign.colour, ...(sign.edge ? { stroke: sign.edge, "stroke-width": 1.8 } : {}) });
  if (sign.mark) draw(sign.mark, { stroke: "#ffffff", "stroke-width": 2.6 });
  return svg;
}
