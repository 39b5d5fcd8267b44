/** A line on the map while a part of it could not be fetched: a pale place would pass for one without data. */

import { ROOT } from "../app/data.js";
import { byId } from "../ui/dom.js";

/** When the service is asked for the first time whether it answers again; each time in vain doubles the wait. */
const FIRST_MS = 5_000;
const MOST_MS = 160_000;
/** Failures that are no fault of the service: nobody is signed in, or there is no such tile. */
const EXPECTED = [401, 404];

/** Watch the map; returns what fetches all its tiles again. */
export function wireTrouble(map) {
  const line = byId("map-trouble");
  let failed = false;
  let wait = FIRST_MS;
  let timer = 0;

  /** Fetch every tile again, also those that failed; the line goes once all are there. */
  function again() {
    failed = false;
    for (const id of Object.keys(map.getStyle().sources)) {
      const source = map.getSource(id);
      if (source.type === "vector") source.setTiles(source.tiles);
    }
    map.once("idle", () => {
      if (failed) return;
      line.hidden = true;
      wait = FIRST_MS;
    });
  }

  async function ask() {
    timer = 0;
    wait = Math.min(MOST_MS, 2 * wait);
    const answer = await fetch(new URL("health", ROOT), { cache: "no-store" }).catch(() => null);
    if (answer?.ok) again();
    else askLater();
  }

  function askLater() {
    timer ||= setTimeout(ask, wait);
  }

  map.on("error", ({ tile, error }) => {
    if (!tile) return;
    // Only after a frame is a map known to be still, and a tile that fails draws none.
    map.triggerRepaint();
    if (EXPECTED.includes(error?.status)) return;
    failed = true;
    line.hidden = false;
    askLater();
  });
  byId("map-again").addEventListener("click", again);
  return again;
}
