/** Geometry of the map: arcs fanned out where they share a leg, and bounding boxes. */

const STEPS = 28;

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

function bearing([x0, y0], [x1, y1]) {
  return Math.atan2(y1 - y0, x1 - x0);
}

/** One curved hop: a quadratic Bezier that leaves the straight line by `bulge` of its length, to the left. */
export function arc(from, to, bulge) {
  const [x0, y0] = from;
  const [x1, y1] = to;
  const cx = (x0 + x1) / 2 - (y1 - y0) * bulge;
  const cy = (y0 + y1) / 2 + (x1 - x0) * bulge;
  const points = [];
  for (let step = 0; step <= STEPS; step += 1) {
    const s = step / STEPS;
    const r = 1 - s;
    points.push([r * r * x0 + 2 * r * s * cx + s * s * x1, r * r * y0 + 2 * r * s * cy + s * s * y1]);
  }
  return points;
}

/**
 * Curve many paths at once. `paths` are lists of [lng, lat]; the first is the most important one.
 * Paths that share a hop get bulges further and further apart, so that each can be seen and clicked; the way
 * back bends to the other side by itself, since left is relative to the direction of travel.
 */
export function arcs(paths) {
  const users = new Map();
  const key = (from, to) => `${from.map((v) => v.toFixed(3))}>${to.map((v) => v.toFixed(3))}`;
  for (const path of paths) {
    for (let i = 1; i < path.length; i += 1) {
      const hop = key(path[i - 1], path[i]);
      users.set(hop, (users.get(hop) ?? 0) + 1);
    }
  }
  const taken = new Map();
  return paths.map((path) => {
    const line = [];
    for (let i = 1; i < path.length; i += 1) {
      const hop = key(path[i - 1], path[i]);
      const index = taken.get(hop) ?? 0;
      taken.set(hop, index + 1);
      const step = Math.min(0.045, 0.36 / Math.max(1, users.get(hop) - 1));
      const points = arc(path[i - 1], path[i], 0.09 + index * step);
      line.push(...(i === 1 ? points : points.slice(1)));
    }
    return line;
  });
}

/** The box [[west, south], [east, north]] around any GeoJSON coordinates; null when there are none. */
export function bounds(coordinates) {
  const box = [[Infinity, Infinity], [-Infinity, -Infinity]];
  const visit = (part) => {
    if (typeof part?.[0] === "number") {
      box[0][0] = Math.min(box[0][0], part[0]);
      box[0][1] = Math.min(box[0][1], part[1]);
      box[1][0] = Math.max(box[1][0], part[0]);
      box[1][1] = Math.max(box[1][1], part[1]);
    } else if (Array.isArray(part)) part.forEach(visit);
  };
  visit(coordinates);
  return Number.isFinite(box[0][0]) ? box : null;
}
