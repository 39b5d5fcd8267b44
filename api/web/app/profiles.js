/** What the service says of a selected place beyond the fields of its layer; each fetched once a session. */

import { fetchJson } from "./data.js";

const ADDRESSES = { area: "v1/areas", terminal: "v1/terminals", corridor: "v1/corridors" };
const keyOf = ({ type, id }) => `${type}:${id}`;

/** `onArrive()` after each answer, and where there is none. */
export function createProfiles(onArrive) {
  let answers = new Map();
  let problems = new Map();
  return {
    /** Forget all: another session or release begins. */
    reset() {
      answers = new Map();
      problems = new Map();
    },
    /** Why there is no answer; null where none is owed (404). */
    problem: (selection) => problems.get(keyOf(selection)) ?? null,
    retry(selection) {
      problems.delete(keyOf(selection));
      answers.delete(keyOf(selection));
      onArrive();
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
      } catch (error) {
        if (asked !== answers || error.status === 404) return;
        // Whoever signs in again asks again.
        if (error.status === 401) return asked.delete(key);
        problems.set(key, error);
        onArrive();
      }
    },
  };
}
