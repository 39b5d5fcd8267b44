/** The tabs in order for a session, the one that is open at first, and the layers that their lists are made of. */

import { NARROW } from "../ui/dom.js";
import { TABS } from "./url-state.js";

const first = (names) => [...names, ...TABS.filter((name) => !names.includes(name))];

/** Those of the desk come first; for whoever seeks help on a phone, what to know and whom to call. */
const tabsFor = ({ name, tabs }) => first(name === null && NARROW.matches ? ["guide", "areas"] : tabs);

export const firstTab = (session) => tabsFor(session)[0];

const LAYERS = { corridors: ["corridors"], areas: ["areas"], ports: ["ports", "areas"], hotspots: ["hotspots", "areas"], time: ["counts", "areas"] };

export const layersOf = (tab) => LAYERS[tab] ?? [];

/** The tab that lists what a layer holds; for a layer without one, the tab that is open. */
export const listing = (layer, tab) => (layer in LAYERS ? layer : tab);

/** Tabs that not every session has, by their layer. */
const OPTIONAL = ["ports", "hotspots", "time"];

/** The tabs of a session that has these layers, and a desk or none; that of plans says to whoever has no account whose work they are. */
export const openTabs = (session, available, desk) => tabsFor(session).filter((name) => {
  if (name === "work") return desk || (session.name === null && available.length > 0);
  return !OPTIONAL.includes(name) || available.includes(LAYERS[name][0]);
});

/** Whether counts by year are on the map: with their list, and with the area that is opened from it. */
export const showsCounts = ({ tab, selection }) => tab === "time" && (selection ?? { type: "area" }).type === "area";

/** The layers on the map in a state of the page, of those wanted: priority areas are on it with their list, counts stand alone. */
export function withLayerOf({ tab, selection }, layers) {
  if (showsCounts({ tab, selection })) return selection ? ["areas"] : [];
  return tab !== "hotspots" || layers.includes(tab) ? layers : [...layers, tab];
}
