/** A corridor that a reader names by its places in their order: it is of no list, and the service works it out. */

import { fetchJson } from "./data.js";

/** Between the names in its id; no id of the layer has one. */
const BETWEEN = "~";
const TIMEOUT_MS = 120_000;

/** The selection of the corridor through these places. */
export const namedCorridor = (places) => ({ type: "corridor", id: places.join(BETWEEN) });
export const isNamed = ({ type, id }) => type === "corridor" && id.includes(BETWEEN);

/** Its feature: points of its terminals, and the line along the legs between them, with the service's answer. */
export async function fetchNamed(id, signal) {
  const answer = await fetchJson(`v1/corridors/${encodeURIComponent(id)}`, { signal, timeoutMs: TIMEOUT_MS });
  const { points, line, ...properties } = answer.corridor;
  return { type: "Feature", properties, geometry: { type: "MultiPoint", coordinates: points }, line, answer };
}
