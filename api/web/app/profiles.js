/** What the service says of a selected place beyond the fields of its layer; each fetched once a session. */

import { fetchJson } from "./data.js";

const ADDRESSES = { area: "v1/areas", terminal: "v1/terminals", corridor: "v1/corridors" };
const keyOf = ({ type, id }) => `${type}:${id}`;

/** `onArrive()` after each answer. */
export function createProfiles(onArrive) {
  let answers = new Map();
  return {
    /** Forget all: another session or release begins. */
    reset() {
      answers = new Map();
    },
    get: (selection) => answers.get(keyOf(selection)) ?? null,

    /** Ask for a place that the session knows, once; a feature that came with its `answer` needs no question. */
    async load(selection, { answer }) {
      const key = keyOf(selection);
      const path = ADDRESSES[selection.type];
      const asked = answers;
      if (!path || asked.has(key)) return;
      asked.set(key, answer ?? null);
      if (answer) return;
      try {
        asked.set(key, await fetchJson(`${path}/${encodeURIComponent(selection.id)}`));
        if (asked === answers) onArrive();
      } catch {
        // The fields of the layer are enough for a card; other requests report a broken service.
        asked.delete(key);
      }
    },
  };
}
