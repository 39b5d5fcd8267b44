/** Geometry of the map: arcs fanned out where they share a leg, and bounding boxes. */

const STEPS = 28;

export const collection = (features = []) => ({ type: "FeatureCollection", features });

const written = new WeakMap();

/** Give a source of the map its features; those that it has already cost no new frame. */
export function setFeatures(map, id, features) {
  const source = map.getSource(id);
  const text = JSON.stringify(features);
  if (text === (written.get(source) ?? "[]")) return;
  written.set(source, text);
  source.setData(collection(features));
}

/**
 * The points where a line made of great-circle arcs turns, its ends included. Points within an arc keep their
 * bearing to a degree or so; where two hops meet it jumps.
 */
export function bends(line) {
  if (line.length < 3) return line;
  const points = [line[0]];
  for (let i = 1; i < line.length - 1; i += 1) {
    const turn = Math.abs(bearing(line[i], line[i + 1]) - bearing(line[i - 1], line[i]));
    if (Math.min(turn, 2 * Math.PI - turn) > 0.03) points.push(line[i]);
  }
  return [...points, line.at(-1)];
}

const bearing = ([x0, y0], [x1, y1]) => Math.atan2(y1 - y0, x1 - x0);

/** One curved hop: a quadratic Bezier that leaves the straight line by `bulge` of its length, to the left. */
function arc([x0, y0], [x1, y1], bulge) {
  const cx = (x0 + x1) / 2 - (y1 - y0) * bulge;
  const cy = (y0 + y1) / 2 + (x1 - x0) * bulge;
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const s = step / STEPS;
    const r = 1 - s;
    return [r * r * x0 + 2 * r * s * cx + s * s * x1, r * r * y0 + 2 * r * s * cy + s * s * y1];
  });
}

/**
 * Curve many paths at once. `paths` are lists of [lng, lat]; the first is the most important one.
 * Paths that share a hop get bulges further and further apart if they `spread`, so that each can be seen and clicked,
 * else one line; the way back bends to the other side by itself, since left is relative to the direction of travel.
 */
export function arcs(paths, spread) {
  const users = new Map();
  const addUser = (hop) => {
    const before = users.get(hop) ?? 0;
    users.set(hop, before + 1);
    return before;
  };
  const hops = paths.map((path) => path.slice(1).map((to, i) => {
    const key = `${path[i].map((v) => v.toFixed(3))}>${to.map((v) => v.toFixed(3))}`;
    return { from: path[i], to, key, index: addUser(key) };
  }));
  return hops.map((line) => line.flatMap(({ from, to, key, index }, i) => {
    const step = spread ? Math.min(0.045, 0.36 / Math.max(1, users.get(key) - 1)) : 0;
    return arc(from, to, 0.09 + index * step).slice(i === 0 ? 0 : 1);
  }));
}

/** The box [[west, south], [east, north]] around any GeoJSON coordinates; null when there are none. */
export function bounds(coordinates) {
  const points = coordinates.flat(Infinity);
  if (points.length === 0) return null;
  const range = (axis) => points.reduce(
    ([least, most], value, i) => (i % 2 === axis ? [Math.min(least, value), Math.max(most, value)] : [least, most]),
    [Infinity, -Infinity],
  );
  const [[west, east], [south, north]] = [range(0), range(1)];
  return [[west, south], [east, north]];
}
