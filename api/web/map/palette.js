/**
 * Colours. Both ramps go steadily from light to dark, so that they can be told apart with any colour vision
 * and on a grey print; the hue of areas (ochre) and of corridors (violet) differ so that both can be shown.
 */

export const CLASSES = ["very_low", "low", "medium", "high", "very_high"];

export const AREA_COLOURS = {
  very_low: "#fdeec2",
  low: "#fbcf7a",
  medium: "#ef9d4e",
  high: "#c75f2b",
  very_high: "#7f2a0b",
};

export const CORRIDOR_COLOURS = {
  very_low: "#93b3cf",
  low: "#5f8dbd",
  medium: "#655fae",
  high: "#822c8b",
  very_high: "#6f003e",
  not_assessed: "#7d878b",
};

export const LEG_COLOURS = { sea: "#2f6f8f", air: "#6c5f96", land: "#7a6a4f" };

export const BASE = {
  sea: "#d8e6ed",
  land: "#f7f4ec",
  neighbour: "#e7e4dd",
  coast: "#8ea3ad",
  grid: "#bfd2dc",
  veil: "#eef2f3",
  frame: "#9fb0b8",
  text: "#22333b",
  seaText: "#4c7186",
  halo: "#ffffff",
};

/** A MapLibre `match` expression over the property `class`. */
export function byClass(colours, otherwise) {
  return ["match", ["get", "class"], ...Object.entries(colours).flat(), otherwise];
}

/** A MapLibre expression: a value by zoom, linear between `stops` (zoom, value, ...). */
export const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
