/** Counts of one year on the map: a disc a place, its area as the number; a province is a ring about its parts. */

import { collection } from "./geometry.js";
import { FONT, paintLayers } from "./map.js";
import { colours } from "./theme.js";

const MOST_RADIUS = 34;
const radius = (value, most) => Math.max(3, MOST_RADIUS * Math.sqrt(value / most));

/** Layers in the colours in force. */
const specs = () => [
  {
    id: "counts-disc", type: "circle", source: "counts",
    layout: { "circle-sort-key": ["-", 0, ["get", "radius"]] },
    paint: {
      "circle-radius": ["get", "radius"],
      "circle-color": colours.CORRIDOR_COLOURS.medium,
      "circle-opacity": ["case", ["get", "ring"], 0.08, 0.6],
      "circle-stroke-color": colours.CORRIDOR_COLOURS.medium,
      "circle-stroke-width": ["case", ["get", "ring"], 2, 1],
    },
  },
  {
    id: "counts-value", type: "symbol", source: "counts",
    layout: { "text-field": ["get", "text"], "text-font": FONT, "text-size": 12, "symbol-sort-key": ["-", 0, ["get", "radius"]] },
    paint: { "text-color": colours.BASE.text, "text-halo-color": colours.BASE.halo, "text-halo-width": 1.5 },
  },
];

function install(map) {
  map.addSource("counts", { type: "geojson", data: collection() });
  for (const layer of specs()) map.addLayer(layer);
}

/** Draw the places of `countsAt`; null takes them off. `write(value)` gives the text of a number. */
export function drawCounts(map, counts, write) {
  if (!map.getSource("counts")) {
    if (!counts) return;
    install(map);
  }
  paintLayers(map, specs());
  const features = (counts?.places ?? []).filter(({ years, geometry }) => geometry && years.has(counts.year)).map((place) => ({
    type: "Feature",
    geometry: place.geometry,
    properties: {
      _key: place.code, name: place.name, ring: place.level === "province",
      radius: radius(place.years.get(counts.year), counts.most), text: write(place.years.get(counts.year)),
    },
  }));
  map.getSource("counts").setData(collection(features));
}
