/** The order of corridors, the same as on the command line and in `/v1/corridors` (layers/query/corridors.py). */

import { CLASSES } from "../map/palette.js";

/** How many of the first corridors `top` shows (0: all); where they have a class alone, none of a class without the others of it. */
export function countOf(features, top) {
  const last = features[top - 1]?.properties;
  if (!last) return features.length;
  return last.persons_mean > 0 ? top : features.findLastIndex(({ properties }) => properties.class === last.class) + 1;
}

/** Those that are on the map, `chosen` among them. */
export function shownCorridors(features, top, chosen) {
  const count = countOf(features, top);
  return [...features.slice(0, count), ...(features.indexOf(chosen) >= count ? [chosen] : [])];
}

/** Most travelled first; without numbers the higher class first; then by id. */
export function sortCorridors(features) {
  const rank = ({ properties }) => CLASSES.indexOf(properties.class);
  const id = ({ properties }) => String(properties.id);
  return [...features].sort(
    (a, b) =>
      (b.properties.persons_mean ?? 0) - (a.properties.persons_mean ?? 0) ||
      rank(b) - rank(a) ||
      (id(a) < id(b) ? -1 : Number(id(a) > id(b))),
  );
}
