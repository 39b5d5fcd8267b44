/** MapLibre expressions that the layers share. */

/** A `match` expression over the property `class`. */
export function byClass(colours, otherwise) {
  return ["match", ["get", "class"], ...Object.entries(colours).flat(), otherwise];
}

/** A value by zoom, linear between `stops` (zoom, value, ...). */
export const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
