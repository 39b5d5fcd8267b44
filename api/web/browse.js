/** What stands under the tabs: the lists of the session, drawn from what has arrived. */

import { renderHotspots } from "./hotspots.js";
import { has } from "./i18n.js";
import { renderAreas, renderCorridors, renderSwitches } from "./lists.js";

const $ = (id) => document.getElementById(id);

/**
 * Draw every list. `areas` is `{province, limit}` and is changed by the reader; `redraw()` draws the panel anew.
 */
export function renderLists({ library, session, store, tabs, areaName, select, layers, areas, redraw }) {
  const { top, selection } = store.get();
  const { features } = library;
  // Nothing listed yet: still asking, or the banner says why not. An empty list would be a claim.
  const failed = document.documentElement.dataset.data === "error";
  const waiting = library.available.length === 0;
  const common = (name) => ({
    features: features[name] ?? [],
    selection,
    loading: waiting || !library.has(name),
    failed,
    onSelect: select,
  });
  renderCorridors($("pane-corridors"), {
    ...common("corridors"),
    tier: has(`corridorsIntro_${session.tier}`) ? session.tier : "public",
    top,
    onTop: (count) => store.set({ top: count }),
  });
  renderAreas($("pane-areas"), {
    ...common("areas"),
    ...areas,
    onProvince(code) {
      Object.assign(areas, { province: code, limit: renderAreas.step });
      redraw();
      $("area-province").focus();
    },
    onMore(limit) {
      const first = areas.limit;
      areas.limit = limit;
      redraw();
      $("pane-areas").querySelectorAll(".item")[first]?.focus();
    },
  });
  if (tabs.includes("hotspots")) renderHotspots($("pane-hotspots"), { ...common("hotspots"), parentName: areaName });
  renderSwitches($("pane-layers"), {
    available: library.available,
    layers,
    onToggle(name, on) {
      const others = layers.filter((other) => other !== name);
      store.set({ layers: on ? [...others, name] : others });
      $("pane-layers").querySelector(`[name=${name}]`)?.focus();
    },
  });
}
