/** The search box: a combobox over areas, terminals, settlements and offices the session may see. */

import { wireCombobox } from "../ui/combobox.js";
import { byId } from "../ui/dom.js";
import { title } from "../i18n/i18n.js";
import { SELECTS } from "../map/layers.js";

const MOST = 12;
const NO_MATCH = 9;
/** Layers that are searched, in the order of equal matches. */
const SEARCHED = ["areas", "terminals", "settlements", "services"];

/** A text without case, accents and apostrophes, for matching. */
export function plain(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f'’`]/g, "").toLowerCase();
}

/** The best matches: prefixes first; at equal rank areas and terminals first. */
function findPlaces(features, query) {
  const pattern = plain(query.trim());
  if (pattern.length < 2) return [];
  const matches = [];
  SEARCHED.forEach((layer, order) => {
    for (const feature of features[layer] ?? []) {
      const p = feature.properties;
      // A match of the name ranks before one of its town.
      const near = [p.place, p.iata].filter(Boolean).map((name) => rankOf(plain(name), pattern) + 0.5);
      const rank = Math.min(rankOf(plain(p.name), pattern), ...near);
      if (rank < NO_MATCH) matches.push({ layer, feature, rank, order, people: p.population ?? 0 });
    }
  });
  matches.sort(
    (a, b) => a.rank - b.rank || a.order - b.order || b.people - a.people ||
      a.feature.properties.name.localeCompare(b.feature.properties.name, "id"),
  );
  return matches.slice(0, MOST).map(({ layer, feature }) => ({
    selection: { type: SELECTS[layer], id: feature.properties._key },
    name: feature.properties.name,
    kind: kindOf(layer, feature.properties),
  }));
}

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
  if (name === pattern) return 0;
  if (name.startsWith(pattern)) return 1;
  if (name.includes(` ${pattern}`)) return 2;
  return name.includes(pattern) ? 3 : NO_MATCH;
}

function kindOf(layer, p) {
  if (layer === "areas") return title("level", p.level);
  if (layer === "terminals") {
    const kind = title("kind", p.kind);
    return p.place && !p.name.includes(p.place) ? `${kind} · ${p.place}` : kind;
  }
  return title("kind", layer === "settlements" ? p.kind : SELECTS[layer]);
}

/** Wire the box: it searches `library`, loading what it needs; `onChoose(selection)` opens a hit. */
export function wireSearch({ library, onChoose }) {
  const input = byId("search");
  input.addEventListener("focus", () => SEARCHED.forEach(library.load));
  return wireCombobox({
    input,
    list: byId("search-list"),
    find: (text) => findPlaces(library.features, text),
    onChoose: (hit) => {
      input.value = hit.name;
      onChoose(hit.selection);
    },
  });
}
