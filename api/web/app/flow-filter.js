/**
 * Which corridors and flows are shown: of an origin, to a destination, through a port, by a mode. A journey passes every
 * chosen port; other choices of one kind are alternatives, and all kinds hold together. They stand in the address as `only`.
 */

import { fetchJson } from "./data.js";
import { endName } from "../map/destinations.js";
import { keepingFocus } from "../ui/dom.js";
import { placesField } from "../ui/forms.js";
import { currentLanguage, t, title } from "../i18n/i18n.js";
import { showError } from "../ui/messages.js";

const PLACE = "place";
const inside = (code, area) => code === area || code.startsWith(`${area}.`);
const destinationOf = (p) => p.destination_code ?? p.destination_id;
const placesOf = (p) => (p.waypoints ?? []).filter(({ kind }) => kind === PLACE).map(({ name }) => name);

/** Whether a corridor passes one choice, as the service chooses them; `steps` are those of a mode, `startIn` those from an area by key. */
const CORRIDOR = {
  origin: (p, id, { startIn }) => (p.origin_code === undefined ? startIn(id)?.has(p._key) : inside(p.origin_code, id)),
  destination: (p, id) => destinationOf(p) === id,
  port: (p, id) => placesOf(p).includes(id),
  mode: (p, id, { steps }) => placesOf(p).some((name, i, all) => i > 0 && steps(id).has(`${all[i - 1]}>${name}`)),
};
/** The same for a leg; where its passengers come from and end is not known of it. */
const LEG = {
  port: (p, id, { placeOf }) => [p.from_id, p.to_id].some((end) => placeOf(end) === id),
  mode: (p, id) => p.mode === id,
};

const part = (choice) => [choice.slice(0, choice.indexOf(":")), choice.slice(choice.indexOf(":") + 1)];

/** Choices by their kind. */
function grouped(only) {
  const groups = new Map();
  for (const [by, id] of (only ?? []).map(part)) groups.set(by, [...(groups.get(by) ?? []), id]);
  return [...groups];
}

/** `onArrive()` is called when the service has said which corridors start in one. */
export function createFlowFilter({ library, store, onArrive }) {
  let rendered = null;
  /** Corridors as they were loaded, with the persons a year on those that start in an area, by key, once asked. */
  let starts = { of: null, keys: new Map() };

  const placeOf = (id) => library.get("terminals", id)?.properties.place;
  const flows = () => (library.features.legs ?? []).filter(({ properties }) => properties.flow_mean > 0);

  /** From one place to the next by this mode. */
  function stepsBy(mode) {
    const legs = (library.features.legs ?? []).filter(({ properties }) => properties.mode === mode);
    return new Set(legs.map(({ properties: p }) => `${placeOf(p.from_id)}>${placeOf(p.to_id)}`));
  }

  /** Persons a year from an area on the corridors that start there, by key; undefined until the service has answered. */
  function startIn(code) {
    const of = library.features.corridors;
    if (starts.of !== of) starts = { of, keys: new Map() };
    const { keys } = starts;
    if (!keys.has(code)) {
      keys.set(code, undefined);
      fetchJson(`v1/corridors?${new URLSearchParams({ origin: code, limit: 1000 })}`).then(({ corridors }) => {
        keys.set(code, new Map(corridors.map(({ id, origin }) => [id, origin?.persons_per_year])));
        if (keys === starts.keys) onArrive();
      }).catch(showError);
    }
    return keys.get(code);
  }

  /** Of the persons of a corridor those from the chosen origins, whose parts do not overlap; undefined where that is not known. */
  function fromOrigins(p) {
    const chosen = (store.get().only ?? []).map(part).filter(([by]) => by === "origin").map(([, code]) => code);
    const parts = chosen.filter((code) => !chosen.some((other) => other !== code && inside(code, other))).map((code) => startIn(code)?.get(p._key) ?? 0);
    return p.origin_code === undefined && parts.length > 0 ? parts.reduce((sum, persons) => sum + persons, 0) : undefined;
  }

  /** With an origin those first that most people from there take, as the service has them. */
  const byOrigin = (corridors) => {
    const from = new Map(corridors.map((feature) => [feature, fromOrigins(feature.properties)]));
    return [...from.keys()].sort((a, b) => (from.get(b) ?? 0) - (from.get(a) ?? 0));
  };

  const keeps = (rules, groups, context) => ({ properties }) => groups.every(([by, ids]) => {
    const holds = (id) => rules[by](properties, id, context);
    return !rules[by] || (by === "port" ? ids.every(holds) : ids.some(holds));
  });

  /** All that can be chosen: `[{id, name, kind}]`. */
  function choices() {
    const rows = (library.features.corridors ?? []).map(({ properties }) => properties);
    const found = new Map();
    const provinces = new Set();
    const add = (by, id, name, kind) => id && name && found.set(`${by}:${id}`, { id: `${by}:${id}`, name, kind });
    for (const p of rows) {
      add("destination", destinationOf(p), endName({ id: destinationOf(p), name: p.destination_name }), title("kind", "destination"));
      add("origin", p.origin_code, p.origin_name, t("web.only_origin"));
      for (const code of p.listed_for ?? []) provinces.add(code);
      for (const name of placesOf(p)) add("port", name, name, t("web.only_port"));
    }
    for (const { properties: { code, level, name } } of library.features.areas ?? []) {
      if (provinces.has(code.slice(0, 2)) && level !== "district") add("origin", code, name, t("web.only_origin"));
    }
    for (const { properties: { mode } } of flows()) add("mode", mode, title("mode", mode), t("web.only_mode"));
    return [...found.values()];
  }

  return {
    fromOrigins,

    /** Features of the layers, corridors and legs only as chosen; how many of the chosen end where is not known. */
    features() {
      const groups = grouped(store.get().only);
      if (groups.length === 0) return library.features;
      const { corridors, legs } = library.features;
      const steps = new Map();
      const stepsOf = (mode) => steps.get(mode) ?? steps.set(mode, stepsBy(mode)).get(mode);
      return {
        ...library.features,
        destinations: [],
        ...(corridors ? { corridors: byOrigin(corridors.filter(keeps(CORRIDOR, groups, { steps: stepsOf, startIn }))) } : {}),
        ...(legs ? { legs: legs.filter(keeps(LEG, groups, { placeOf })) } : {}),
      };
    },

    /** Layers with corridors in place of legs where the choice is one that legs do not know; several ports are of a journey. */
    layers(names) {
      const unknown = grouped(store.get().only).some(([by, ids]) => !LEG[by] || (by === "port" && ids.length > 1));
      return unknown && names.includes("legs") ? [...new Set([...names.filter((name) => name !== "legs"), "corridors"])] : names;
    },

    /** A group of the legend that says what is chosen: the lines of every tab are so few. */
    legend() {
      const { only } = store.get();
      if (!only?.length) return [];
      const names = new Map(choices().map(({ id, name }) => [id, name]));
      return [{ title: t("web.only_note", { names: only.map((choice) => names.get(choice) ?? part(choice)[1]).join(", ") }), rows: [] }];
    },

    /** The field, drawn again where its choices are others; hidden without any. */
    render(place, hidden) {
      const { only } = store.get();
      place.hidden = hidden || !library.features.corridors?.length;
      const current = JSON.stringify([currentLanguage(), only, ...["corridors", "areas", "legs", "destinations"].map((name) => library.features[name]?.length)]);
      if (place.hidden || rendered === current) return;
      rendered = current;
      const state = { only: only ?? [] };
      const every = choices();
      const key = every.some(({ id }) => id.startsWith("port:")) ? "web.only_flows" : "web.only_corridors";
      keepingFocus(place, () => place.replaceChildren(placesField(state, "only", {
        id: "flow-filter", label: t(key), places: () => every,
        onChange: () => store.set({ only: state.only.length > 0 ? state.only : null }),
      })));
    },
  };
}
