/** The layers loaded for this session; each feature has a `_key` that selection and address use. */

import { listCollections, loadCollection } from "./data.js";
import { sortCorridors } from "../panel/corridor-order.js";
import { COLLECTION_OF, SWITCHES } from "../map/layers.js";

/** Layers that a tab shows and nobody switches. */
const OF_TABS = ["counts"];
const KEY_FIELDS = ["code", "id"];

/** Features of one session; `reset()` before another one begins. */
export function createLayerStore({ onLayer, onError, onBusy }) {
  let abort = new AbortController();
  let loads = new Map();
  let available = [];
  let features = {};
  let index = {};
  let busy = 0;

  const count = (change) => {
    busy += change;
    onBusy(busy > 0);
  };

  function store(name, raw) {
    for (const feature of raw) {
      const p = feature.properties;
      p._key = String(KEY_FIELDS.map((field) => p[field]).find((value) => value !== undefined && value !== null) ?? feature.id);
    }
    features[name] = name === "corridors" ? sortCorridors(raw) : raw;
    index[name] = new Map(raw.map((feature) => [feature.properties._key, feature]));
  }

  return {
    get available() {
      return available;
    },
    get features() {
      return features;
    },

    /** Clear the store and fetch the list of layers of this session. Throws ServiceError. */
    async reset() {
      abort.abort();
      abort = new AbortController();
      loads = new Map();
      features = {};
      index = {};
      available = [];
      const { signal } = abort;
      count(1);
      try {
        const listed = await listCollections({ signal });
        if (!signal.aborted) available = [...SWITCHES, ...OF_TABS].filter((name) => listed.includes(name));
      } finally {
        count(-1);
      }
    },

    /** Load a layer once; later calls share the promise. A failure is reported and may be retried. */
    load(name) {
      if (!available.includes(name)) return Promise.resolve();
      if (!loads.has(name)) {
        const { signal } = abort;
        count(1);
        loads.set(
          name,
          loadCollection(name, { signal })
            .then((raw) => {
              if (signal.aborted) return;
              store(name, raw);
              onLayer(name);
            })
            .catch((error) => {
              if (signal.aborted) return;
              loads.delete(name);
              onError(error);
            })
            .finally(() => count(-1)),
        );
      }
      return loads.get(name);
    },

    /** Whether the layer has arrived (or does not exist for this session). */
    has: (name) => name in features || !available.includes(name),
    get: (name, key) => index[name]?.get(key),

    /** The layer of a type of selection, and the feature selected in it (null without one). */
    layerOf: (type) => COLLECTION_OF[type],
    selected: (selection) => index[COLLECTION_OF[selection?.type]]?.get(selection.id) ?? null,

    /** Coordinates of a terminal, for the arcs. */
    locate: (id) => index.terminals?.get(id)?.geometry?.coordinates,
  };
}
