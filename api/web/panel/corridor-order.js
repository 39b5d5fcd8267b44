/** The order of corridors, the same as on the command line and in `/v1/corridors` (layers/query/corridors.py). */

import { CLASSES } from "../map/palette.js";

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
