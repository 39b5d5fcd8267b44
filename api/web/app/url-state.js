/**
 * The state of the page, and its short form in the address.
 *
 * The hash holds all that two people need to see the same picture: centre, zoom, layers, language, tab and
 * selection. It never holds the session: a shared address carries no access.
 */

export const HOME_VIEW = { lng: 117.2, lat: -2.6, zoom: 4.1 };
export const SELECTABLE = ["corridor", "area", "terminal", "settlement", "service", "hotspot"];
/** All tabs in order; the session decides which of them exist. */
export const TABS = ["corridors", "areas", "hotspots", "work", "layers"];
export const CORRIDOR_COUNTS = [20, 50, 100, 0];

/** A store: `get()`, `set(partial)`, `subscribe(fn(state, changedKeys))`. */
export function createUrlState(initial) {
  let state = { ...initial };
  const listeners = new Set();
  return {
    get: () => state,
    set(partial) {
      const changed = Object.keys(partial).filter((key) => !same(state[key], partial[key]));
      if (changed.length === 0) return;
      state = { ...state, ...partial };
      for (const listener of [...listeners]) listener(state, changed);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function same(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Parse a hash; missing and invalid parts are left out, so that the caller's defaults apply. */
export function parseHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const state = {};
  const at = (parameters.get("at") ?? "").split(",").map(Number);
  if (at.length === 3 && at.every(Number.isFinite)) {
    const [lat, lng, zoom] = at;
    if (Math.abs(lat) <= 85 && Math.abs(lng) <= 180 && zoom >= 0 && zoom <= 22) state.view = { lng, lat, zoom };
  }
  if (/^[a-z]{2,3}$/.test(parameters.get("lang") ?? "")) state.lang = parameters.get("lang");
  if (TABS.includes(parameters.get("tab"))) state.tab = parameters.get("tab");
  if (parameters.has("layers")) {
    state.layers = parameters.get("layers").split(",").filter((name) => /^[a-z]{1,20}$/.test(name));
  }
  const top = Number(parameters.get("top") ?? NaN);
  if (CORRIDOR_COUNTS.includes(top)) state.top = top;
  if (/^[a-z]{1,12}(:[\w,-]{1,200})?$/.test(parameters.get("work") ?? "")) state.work = parameters.get("work");
  const selection = /^([a-z]+):(.{1,200})$/.exec(parameters.get("sel") ?? "");
  if (selection && SELECTABLE.includes(selection[1])) {
    state.selection = { type: selection[1], id: selection[2] };
  }
  return state;
}

/** Write the hash of a state; `parseHash(formatHash(s))` gives the same state back. */
export function formatHash(state) {
  const parts = [];
  if (state.view) {
    const { lat, lng, zoom } = state.view;
    parts.push(`at=${lat.toFixed(4)},${lng.toFixed(4)},${zoom.toFixed(2)}`);
  }
  if (state.lang) parts.push(`lang=${state.lang}`);
  if (state.tab) parts.push(`tab=${state.tab}`);
  if (state.layers) parts.push(`layers=${state.layers.join(",")}`);
  if (state.top !== undefined) parts.push(`top=${state.top}`);
  if (state.work) parts.push(`work=${state.work}`);
  if (state.selection) {
    parts.push(`sel=${state.selection.type}:${encodeURIComponent(state.selection.id)}`);
  }
  return `#${parts.join("&")}`;
}
