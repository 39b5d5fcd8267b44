/** The search box: a combobox over areas, ports, corridors, settlements and offices the session may see. */

import { fetchJson } from "../app/data.js";
import { wireCombobox } from "../ui/combobox.js";
import { byId } from "../ui/dom.js";
import { t, title } from "../i18n/i18n.js";
import { SELECTS } from "../map/layers.js";
import { plain } from "../ui/plain.js";
import { planningHits } from "./planning.js";

const NO_MATCH = 9;
const LONGEST = 80;
/** Typing that goes on within this time is one search. */
const TYPING_MS = 150;

/** Those of `[{name}]` that match `query`, best first. */
export function searchable(places, query) {
  const pattern = plain(query.trim());
  if (pattern.length < 2) return [];
  return places
    .map((place) => ({ place, rank: rankOf(plain(place.name), pattern) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank || a.place.name.localeCompare(b.place.name, "id"))
    .map(({ place }) => place);
}

function rankOf(name, pattern) {
  if ([pattern, `kabupaten ${pattern}`, `kota ${pattern}`].includes(name)) return 0;
  if (name.startsWith(pattern)) return 1;
  if (name.includes(` ${pattern}`)) return 2;
  return name.includes(pattern) ? 3 : NO_MATCH;
}

/** What a hit is, in words. */
function kindOf(hit, areaName) {
  const kind = { areas: () => title("level", hit.level), corridors: () => t("web.corridor"), services: () => title("service", hit.kind) }[hit.layer] ??
    (() => title("kind", hit.kind));
  const place = hit.layer === "areas" ? areaName(hit.parent) : areaName(hit.regency_code) ?? hit.place;
  return [kind(), place && !hit.name.includes(place) ? place : null].filter(Boolean).join(" · ");
}

/**
 * Wire the box: it asks the service, `onChoose(selection)` opens a hit and `onPlanning()` the tab of plans, for `signedIn()` or not.
 * `areaName(code)` gives the name of an area, where known.
 */
export function wireSearch({ areaName, signedIn, onChoose, onPlanning }) {
  const input = byId("search");
  wireCombobox({
    input,
    list: byId("search-list"),
    wait: TYPING_MS,
    async find(text, signal) {
      const { results, passed } = await fetchJson(`v1/search?${new URLSearchParams({ q: text.trim().slice(0, LONGEST) })}`, { signal });
      return [...planningHits(text, signedIn()), ...results.map((hit) => ({
        selection: { type: SELECTS[hit.layer], id: hit.id }, name: hit.name,
        kind: [kindOf(hit, areaName), hit.layer === "corridors" && passed.length > 0 && t("web.search_passed", { names: passed.join(", ") })].filter(Boolean).join(" · "),
      }))];
    },
    empty: () => t(signedIn() ? "web.search_none" : "web.search_none_public"),
    onChoose: (hit) => {
      input.value = "";
      if (hit.planning) onPlanning();
      else onChoose(hit.selection);
    },
  });
}
