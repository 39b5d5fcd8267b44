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

/** The best matches: prefixes first; at equal rank areas and terminals first. Without any, the most similar names. */
function findPlaces(features, query) {
  const pattern = plain(query.trim());
  if (pattern.length < 2) return [];
  const matches = matching(features, pattern, rankOf);
  return matches.length || pattern.length < 5 ? matches : matching(features, pattern, misspelling);
}

function matching(features, pattern, rankBy) {
  const matches = [];
  SEARCHED.forEach((layer, order) => {
    for (const feature of features[layer] ?? []) {
      const p = feature.properties;
      // A match of the name ranks before one of its town.
      const near = [p.place, p.iata].filter(Boolean).map((name) => rankBy(plain(name), pattern) + 0.5);
      const rank = Math.min(rankBy(plain(p.name), pattern), ...near);
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
    kind: kindOf(layer, feature.properties, features.areas ?? []),
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

/** A name in the spelling of 1972, as geo/spelling.py has it. */
const modern = (name) => name.replaceAll("oe", "u").replaceAll("tj", "c").replaceAll("dj", "j");

/** Letters to change (Levenshtein) between two names in modern spelling, up to two. */
function misspelling(name, pattern) {
  const [a, b] = [modern(name), modern(pattern)];
  if (Math.abs(a.length - b.length) > 2) return NO_MATCH;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] <= 2 ? row[b.length] : NO_MATCH;
}

function kindOf(layer, p, areas) {
  if (layer === "areas") return title("level", p.level);
  if (layer === "terminals") {
    const kind = title("kind", p.kind);
    return p.place && !p.name.includes(p.place) ? `${kind} · ${p.place}` : kind;
  }
  if (layer === "settlements") {
    const regency = areas.find(({ properties: { code } }) => code === p.regency_code)?.properties.name;
    return [title("kind", p.kind), regency].filter(Boolean).join(" · ");
  }
  return title("kind", SELECTS[layer]);
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
