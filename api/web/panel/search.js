/** The search box: a combobox over areas, terminals, settlements and offices the session may see. */

import { wireCombobox } from "../ui/combobox.js";
import { title } from "../i18n/i18n.js";

const MOST = 12;
const NO_MATCH = 9;
const SELECTS = { areas: "area", terminals: "terminal", settlements: "settlement", services: "service" };

/** Letters without case, accents and apostrophes, as people type them. */
export function plain(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f'’`]/g, "").toLowerCase();
}

/** The best matches: names that start with the words first; among equals areas and terminals first. */
export function findPlaces(features, query) {
  const wanted = plain(query.trim());
  if (wanted.length < 2) return [];
  const matches = [];
  Object.keys(SELECTS).forEach((layer, order) => {
    for (const feature of features[layer] ?? []) {
      const p = feature.properties;
      // Its own name counts before the town it lies in.
      const near = [p.place, p.iata].filter(Boolean).map((name) => rankOf(plain(name), wanted) + 0.5);
      const rank = Math.min(rankOf(plain(p.name), wanted), ...near);
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

/** Of `[{name}]`, those a few letters may mean, the best first. */
export function searchable(places, query) {
  const wanted = plain(query.trim());
  if (wanted.length < 2) return [];
  return places
    .map((place) => ({ place, rank: rankOf(plain(place.name), wanted) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank || a.place.name.localeCompare(b.place.name, "id"))
    .map(({ place }) => place);
}

function rankOf(name, wanted) {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.includes(` ${wanted}`)) return 2;
  return name.includes(wanted) ? 3 : NO_MATCH;
}

function kindOf(layer, p) {
  if (layer === "areas") return title("level", p.level);
  if (layer === "terminals") {
    const kind = title("kind", p.kind);
    return p.place && !p.name.includes(p.place) ? `${kind} · ${p.place}` : kind;
  }
  return title("kind", SELECTS[layer]);
}

/** Wire the box. `prepare()` loads what is searched; `getFeatures()` gives it; `onChoose(selection)` opens one. */
export function wireSearch({ prepare, getFeatures, onChoose }) {
  const input = document.getElementById("search");
  const list = document.getElementById("search-list");
  input.addEventListener("focus", prepare);
  return wireCombobox({
    input,
    list,
    find: (text) => findPlaces(getFeatures(), text),
    onChoose: (hit) => {
      input.value = hit.name;
      onChoose(hit.selection);
    },
  });
}
