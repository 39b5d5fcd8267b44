/** Names for the tooltip and the title of the window. */

import { SELECTS } from "../map/layers.js";
import { corridorName } from "./lists.js";

/** The name of a feature of a type of selection. */
export const nameOf = (type, feature) => (type === "corridor" ? corridorName(feature) : feature.properties.name);

/** The name of the feature under the pointer; null without one. */
export function nameUnder(library, feature) {
  if (feature?.source === "overlay") return feature.properties._tip;
  const original = feature && (library.get(feature.source, feature.properties._key) ?? feature);
  return original ? nameOf(SELECTS[feature.source], original) : null;
}

/** The title of the window. */
export function titleOf(library, selection) {
  const feature = library.selected(selection);
  return feature ? `${nameOf(selection.type, feature)} · Petajaga` : "Petajaga";
}
