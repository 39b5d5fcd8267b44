/** The tabs in order for a session, the one that is open at first, and the layers that their lists are made of. */

import { TABS } from "./url-state.js";

const NARROW = window.matchMedia("(max-width: 760px)");
const first = (names) => [...names, ...TABS.filter((name) => !names.includes(name))];

/** A village worker has the list of villages first; whoever seeks help on a phone, what to know and whom to call. */
export function tabsFor({ desk_page: page, name }) {
  if (page === "ngo") return first(["work", "areas"]);
  return name === null && NARROW.matches ? first(["guide", "areas"]) : TABS;
}

export const firstTab = (session) => tabsFor(session)[0];

const LAYERS = { corridors: ["corridors"], areas: ["areas"], hotspots: ["hotspots", "areas"], time: ["counts", "areas"] };

export const layersOf = (tab) => LAYERS[tab] ?? [];

/** The layers on the map while a tab is open: priority areas are on it with their list. */
export const withLayerOf = (tab, layers) => (tab !== "hotspots" || layers.includes(tab) ? layers : [...layers, tab]);
