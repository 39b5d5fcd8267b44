/** The layers loaded for this session; each feature has a `_key` that selection and address use. */

import { loadCollection } from "./data.js";
import { sortCorridors } from "../panel/corridor-order.js";
import { noteDestinations } from "../map/destinations.js";
import { CLASSES } from "../map/palette.js";
import { COLLECTION_OF, SWITCHES, TILED } from "../map/layers.js";
import { fetchNamed, isNamed } from "./named-corridor.js";

/** Layers that nobody switches, by tier: those of a tab; that of ports also gives the map their class, where it has no loads, that of destinations how many end where. */
const UNSWITCHED = { public: ["counts"], partner: ["counts", "ports"], police: ["counts", "ports", "destinations"] };
const KEY_FIELDS = ["code", "id"];
const estimate = (stem) => ["mean", "p05", "p95"].map((end) => `${stem}_${end}`);
const AREA_FIELDS = ["code", "name", "level", "parent", "class", "class_probability", "boundary", "lon", "lat"];
const AREA_NUMBERS = [...AREA_FIELDS, ...["departures", "departures_per_100k"].flatMap(estimate)];
/** Of a layer, by tier, what lists, legend and map read where that is not all; cards ask for the rest. */
const FIELDS = {
  public: { areas: AREA_FIELDS },
  partner: { areas: AREA_NUMBERS },
  police: {
    areas: AREA_NUMBERS,
    corridors: [
      ...["id", "name", "class", "destination_id", "destination_name", "waypoints", "listed_for"],
      ...estimate("persons"), ...CLASSES.map((name) => `p_${name}`),
    ],
  },
};
/** Parts of a layer that are loaded apart, the first with its name; the map has their shapes from tiles. */
const PARTS = {
  areas: { of: "areas", filter: "level IN ('province','regency')", skipGeometry: true },
  districts: { of: "areas", filter: "level = 'district'", skipGeometry: true },
};

/** The field that names a feature of a layer from tiles. */
const ID_FIELD = { areas: "code", settlements: "id" };

const keyOf = ({ type, id }) => `${type}:${id}`;
const addressed = (query) => String(new URLSearchParams(query));

/** Features of one session; `reset()` before another one begins. */
export function createLayerStore({ onLayer, onError, onBusy }) {
  let abort = new AbortController();
  let loads = new Map();
  let available = [];
  let fields = {};
  let features = {};
  let index = {};
  let found = new Set();
  /** Why a corridor that was named has no answer. */
  let problems = new Map();
  let busy = 0;

  const count = (change) => {
    busy += change;
    onBusy(busy > 0);
  };

  /** Note features under their keys; `find` notes one at a time. */
  function note(name, raw) {
    for (const feature of raw) {
      const p = feature.properties;
      p._key = String(KEY_FIELDS.map((field) => p[field]).find((value) => value !== undefined && value !== null) ?? feature.id);
      (index[name] ??= new Map()).set(p._key, feature);
    }
  }

  function store(name, raw) {
    note(name, raw);
    if (name === "destinations") noteDestinations(raw);
    for (const [key, port] of index.ports ?? []) {
      const terminal = index.terminals?.get(key);
      if (terminal) terminal.properties.load_class = port.properties.load_class;
    }
    features[name] = name === "corridors" ? sortCorridors(raw) : [...(features[name] ?? []), ...raw];
  }

  /** Run `ask(signal)` once under this key; its failure is reported and may be retried. */
  function once(key, ask) {
    if (!loads.has(key)) {
      const { signal } = abort;
      count(1);
      loads.set(key, ask(signal)
        .catch((error) => {
          if (signal.aborted) return;
          loads.delete(key);
          onError(error);
        })
        .finally(() => count(-1)));
    }
    return loads.get(key);
  }

  /** Load a layer, or a part of one, once; later calls share the promise. */
  function load(name) {
    const { of = name, ...query } = PARTS[name] ?? {};
    if (!available.includes(of)) return Promise.resolve();
    if (fields[of]) query.properties = fields[of].join();
    return once(name, async (signal) => {
      const raw = await loadCollection(of, { query: addressed(query), signal });
      if (of !== name) await load(of);
      if (signal.aborted) return;
      store(of, raw);
      onLayer(of);
    });
  }

  /** Note a corridor by the names of its places, or why there is none. */
  async function findNamed({ id }, key, signal) {
    const name = COLLECTION_OF.corridor;
    try {
      const feature = await fetchNamed(id, signal);
      if (!signal.aborted) note(name, [feature]);
    } catch (error) {
      if (signal.aborted) throw error;
      problems.set(key, error);
    }
    if (signal.aborted) return;
    found.add(key);
    onLayer(name);
  }

  /** The feature that is selected: of a layer from tiles the one alone, where no list has it. */
  async function find(selection) {
    const { type, id } = selection;
    const name = COLLECTION_OF[type];
    const key = keyOf(selection);
    if (isNamed(selection)) {
      // What is wrong with the names stays so; all else may be asked again.
      if (![undefined, 400, 404].includes(problems.get(key)?.status)) loads.delete(key);
      return once(key, (signal) => findNamed(selection, key, signal));
    }
    if (!(name in TILED)) return load(name);
    if (name in PARTS) await load(name);
    if (!available.includes(name) || index[name]?.has(id)) return undefined;
    return once(key, async (signal) => {
      const raw = await loadCollection(name, { query: addressed({ [ID_FIELD[name]]: id }), signal });
      if (signal.aborted) return;
      found.add(key);
      note(name, raw);
      onLayer(name);
    });
  }

  return {
    load,
    find,

    get available() {
      return available;
    },
    get features() {
      return features;
    },

    /** Clear the store for a session of this tier that has these collections. */
    reset(tier, collections) {
      abort.abort();
      abort = new AbortController();
      loads = new Map();
      features = {};
      index = {};
      found = new Set();
      problems = new Map();
      available = [...SWITCHES, ...UNSWITCHED[tier]].filter((name) => collections.includes(name));
      fields = FIELDS[tier];
    },

    /** Whether the layer has arrived (or does not exist for this session). */
    has: (name) => name in features || !available.includes(name),
    /** Whether it is known what a selection names. */
    knows(selection) {
      const name = COLLECTION_OF[selection.type];
      if (available.length === 0) return false;
      const alone = name in TILED || isNamed(selection);
      return !available.includes(name) || index[name]?.has(selection.id) || (alone ? found.has(keyOf(selection)) : name in features);
    },
    problem: (selection) => problems.get(keyOf(selection)) ?? null,
    get: (name, key) => index[name]?.get(key),

    /** The layer of a type of selection, and the feature selected in it (null without one). */
    layerOf: (type) => COLLECTION_OF[type],
    selected: (selection) => index[COLLECTION_OF[selection?.type]]?.get(selection.id) ?? null,

    /** Coordinates of a terminal, for the arcs. */
    locate: (id) => index.terminals?.get(id)?.geometry?.coordinates,
  };
}
