/** Counts of some years on the map: a disc a place, its area as the number; a province is a ring about its parts. */

import { t } from "../i18n/i18n.js";
import { collection, setFeatures } from "./geometry.js";
import { svg } from "./icons.js";
import { FONT, paintLayers } from "./map.js";
import { colours } from "./theme.js";

const MOST_RADIUS = 34;
const LEAST_RADIUS = 3;
const LETTER_PX = 12;
/** Of a letter's height, how wide it is. */
const WIDE = 0.6;
const radius = (value, most) => Math.max(LEAST_RADIUS, MOST_RADIUS * Math.sqrt(value / most));
/** How see-through a disc and a ring are. */
const OPACITY = { disc: 0.6, ring: 0.08 };
/** Radii of the discs in the legend, about. */
const SAMPLES = [20, 10, 5];

/** Layers in the colours in force. */
const specs = () => [
  {
    id: "counts-disc", type: "circle", source: "counts",
    layout: { "circle-sort-key": ["-", 0, ["get", "radius"]] },
    paint: {
      "circle-radius": ["get", "radius"],
      "circle-color": colours.CORRIDOR_COLOURS.medium,
      "circle-opacity": ["case", ["get", "ring"], OPACITY.ring, OPACITY.disc],
      "circle-stroke-color": colours.CORRIDOR_COLOURS.medium,
      "circle-stroke-width": ["case", ["get", "ring"], 2, 1],
    },
  },
  {
    id: "counts-value", type: "symbol", source: "counts",
    layout: { "text-field": ["get", "text"], "text-font": FONT, "text-size": LETTER_PX, "text-anchor": ["get", "anchor"], "text-offset": ["array", "number", 2, ["get", "offset"]], "symbol-sort-key": ["-", 0, ["get", "radius"]] },
    paint: { "text-color": colours.BASE.text, "text-halo-color": colours.BASE.halo, "text-halo-width": 1.5 },
  },
];

function install(map) {
  map.addSource("counts", { type: "geojson", data: collection() });
  for (const layer of specs()) map.addLayer(layer);
}

/** Where a number stands: a province's above its ring, at whose middle its city has its own; in its disc, or beside a small one. */
function spotOf({ ring, size, text }) {
  if (ring) return { anchor: "bottom", offset: [0, -size / LETTER_PX - 0.2] };
  const fits = 2 * size > WIDE * LETTER_PX * text.length;
  return fits ? { anchor: "center", offset: [0, 0] } : { anchor: "left", offset: [size / LETTER_PX + 0.5, 0] };
}

/** Draw the places of `countsAt`; null takes them off. `write(value)` gives the text of a number. */
export function drawCounts(map, counts, write) {
  if (!map.getSource("counts")) {
    if (!counts) return;
    install(map);
  }
  paintLayers(map, specs());
  const features = (counts?.places ?? []).filter(({ drawn, geometry }) => geometry && drawn !== undefined).map(({ drawn, ...place }) => {
    const [ring, size] = [place.level === "province", radius(drawn, counts.most)];
    const text = place.part ? `≥ ${write(drawn)}` : write(drawn);
    return {
      type: "Feature",
      geometry: place.geometry,
      properties: {
        _key: place.code, name: place.name, ring, radius: size, text, part: place.part, ...spotOf({ ring, size, text }),
      },
    };
  });
  setFeatures(map, "counts", features);
}

/** Rows of the legend, `[sign, text]`: discs of round numbers as the map draws them, and the ring. */
export function countRows({ most }, write) {
  const values = new Set(SAMPLES.map((wanted) => Number((most * (wanted / MOST_RADIUS) ** 2).toPrecision(1))));
  const drawn = [...values].filter((value) => write(value) !== write(0) && radius(value, most) > LEAST_RADIUS);
  return [
    ...drawn.map((value) => [disc(radius(value, most), OPACITY.disc, 1), write(value)]),
    [disc(SAMPLES[1], OPACITY.ring, 2), t("web.legend_ring")],
  ];
}

function disc(r, opacity, width) {
  const colour = colours.CORRIDOR_COLOURS.medium;
  const side = 2 * (r + width);
  const d = `M${width} ${r + width}a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0Z`;
  return svg({ class: "circle", width: side, height: side }, { d, fill: colour, "fill-opacity": opacity, stroke: colour, "stroke-width": width });
}
