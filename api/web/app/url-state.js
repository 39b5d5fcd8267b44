/**
 * The state of the page, and its short form in the address.
 *
 * The hash holds all that two people need to see the same picture: centre, zoom, layers, language, tab,
 * selection and what it is compared with. It never holds the session: a shared address carries no access.
 */

import { viewIn } from "../map/extent.js";
import { SELECTS } from "../map/layers.js";

/** All tabs in order; the session decides which of them exist. */
export const TABS = ["corridors", "areas", "ports", "hotspots", "work", "time", "guide", "layers"];
export const CORRIDOR_COUNTS = [20, 50, 100, 0];

/** What corridors and flows may be chosen by. */
const ONLY = /^(origin|destination|port|mode):.{1,80}$/;
const MOST_ONLY = 8;

/** What changes with a step that Back undoes; all else replaces the address. */
export const STEPS = ["tab", "selection", "against", "work", "only"];

/** Whether two places of one kind are compared. */
export const isPair = ({ selection, against }) =>
  selection !== null && against?.type === selection.type && against.id !== selection.id;

/** A store: `get()`, `set(partial)`, `subscribe(fn(state, changedKeys, was))`. */
export function createUrlState(initial) {
  let state = { ...initial };
  const listeners = [];
  return {
    get: () => state,
    set(partial) {
      const changed = Object.keys(partial).filter((key) => JSON.stringify(state[key]) !== JSON.stringify(partial[key]));
      if (changed.length === 0) return;
      const was = state;
      state = { ...state, ...partial };
      for (const listener of listeners) listener(state, changed, was);
    },
    subscribe: (listener) => listeners.push(listener),
  };
}

/** Parse a hash; missing and invalid parts are left out, so that the caller's defaults apply. */
export function parseHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const state = {};
  const view = viewIn(parameters);
  if (view) state.view = view;
  if (/^[a-z]{2,3}$/.test(parameters.get("lang") ?? "")) state.lang = parameters.get("lang");
  if (TABS.includes(parameters.get("tab"))) state.tab = parameters.get("tab");
  if (parameters.has("layers")) {
    state.layers = parameters.get("layers").split(",").filter((name) => /^[a-z]{1,20}$/.test(name));
  }
  const top = Number(parameters.get("top") ?? NaN);
  if (CORRIDOR_COUNTS.includes(top)) state.top = top;
  const [, series, from, year = from, province, rate] = /^([a-z_.]{1,80})(?::(\d{4})(?:-(\d{4}))?)?(?::(\d\d))?(:rate)?$/.exec(parameters.get("time") ?? "") ?? [];
  if (series) state.time = { series, ...(year && { from: Number(from), year: Number(year) }), province, rate: rate && true };
  if (/^[a-z]{1,12}(:[\w.,-]{1,200})?$/.test(parameters.get("work") ?? "")) state.work = parameters.get("work");
  const only = (parameters.get("only") ?? "").split("~").filter((choice) => ONLY.test(choice)).slice(0, MOST_ONLY);
  if (only.length > 0) state.only = only;
  for (const [name, key] of [["sel", "selection"], ["with", "against"]]) {
    const [, type, id] = /^([a-z]+):(.{1,200})$/.exec(parameters.get(name) ?? "") ?? [];
    if (Object.values(SELECTS).includes(type)) state[key] = { type, id };
  }
  return state;
}

const written = (place) => place && `${place.type}:${encodeURIComponent(place.id)}`;

/** Write the hash of a state; `parseHash(formatHash(s))` gives the same state back. */
export function formatHash({ view, lang, tab, layers, top, work, time, only, selection, against }) {
  const parts = {
    at: view && `${view.lat.toFixed(4)},${view.lng.toFixed(4)},${view.zoom.toFixed(2)}`,
    lang, tab, layers: layers?.join(","), top, work,
    time: time && [time.series, time.year && `${time.from < time.year ? `${time.from}-` : ""}${time.year}`, time.province, time.rate && "rate"].filter(Boolean).join(":"),
    only: only?.map(encodeURIComponent).join("~"), sel: written(selection), with: written(against),
  };
  const present = Object.entries(parts).filter(([, value]) => value !== null && value !== undefined);
  return `#${present.map(([name, value]) => `${name}=${value}`).join("&")}`;
}
