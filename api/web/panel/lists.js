/** The lists beside the map: corridors, areas and switches of layers; they work without a map. */

import { byId, el, hint, listItem } from "../ui/dom.js";
import { has, persons, t } from "../i18n/i18n.js";
import { SWITCHES, layerSign } from "../map/layers.js";
import { endName, localName } from "../map/destinations.js";
import { CLASSES, UNSURE_BELOW } from "../map/palette.js";
import { listable } from "../ui/messages.js";
import { estimateTexts, folded } from "./cards/parts.js";
import { CORRIDOR_COUNTS } from "../app/url-state.js";
import { countOf } from "./corridor-order.js";
import { downloads } from "./downloads.js";
import { renderHotspots } from "./hotspots.js";
import { STEP, chooser, classBadge, moreButton, provinceChoice } from "./list-parts.js";
import { renderPorts } from "./ports.js";

export function corridorName(feature) {
  const p = feature.properties;
  const names = (p.waypoints ?? []).map(endName).filter((name, i, all) => name !== all[i - 1]);
  if (names.length > 0) return names.join(" – ");
  if (p.origin_name && p.destination_name) return `${p.origin_name} → ${p.destination_name}`;
  return (p.name ?? p.id ?? "").replaceAll(" - ", " – ");
}

function renderCorridors(pane, { tier, top, onTop, chosen, destinations, form, fromOrigins, selection, onSelect, ...list }) {
  if (!listable(pane, list, chosen ? "web.only_none" : "web.corridors_none")) return;
  const { features } = list;
  const shown = countOf(features, top);
  const counts = new Map([...CORRIDOR_COUNTS].reverse().map((count) => [countOf(features, count), String(count)]));
  const texts = [...counts].reverse().map(([count, value]) =>
    [value, t(count === features.length ? "web.corridors_all" : features[0].properties.persons_mean > 0 ? "web.corridors_top" : "web.corridors_classes", { count })]);
  // A form that stands there stays, with what is being typed in it.
  for (const child of [...pane.children]) if (child !== form) child.remove();
  if (form && form.parentElement !== pane) pane.append(form);
  pane.append(
    hint(t(`web.corridors_intro_${tier}`)),
    folded("layer.destinations.title", destinations.length > 0 && el("ul", { class: "plain" }, destinations.map(({ properties: p }) =>
      destinationItem(p)))) ?? "",
    chooser("corridor-top", "web.corridors_shown", texts, counts.get(shown), (value) => onTop(Number(value))),
    el("ol", { class: "list" }, features.slice(0, shown).map((feature) => corridorItem(feature, fromOrigins(feature.properties), selection, onSelect))),
  );
}

/** A corridor; with an origin chosen how many of its persons are from there, who are not all of them. */
function corridorItem(feature, part, selection, onSelect) {
  const p = feature.properties;
  const all = Number.isFinite(p.persons_mean) ? persons(p.persons_mean) : null;
  return listItem(
    { type: "corridor", key: p._key, selection, onSelect },
    el("span", { class: "item-name" }, corridorName(feature)),
    el("span", { class: "item-facts" }, classBadge(p.class, "corridor"), all
      ? el("span", { class: "amount" }, part === undefined ? `${all} ${t("unit.persons_year")}` : t("web.corridor_part", { part: persons(part), all }))
      : null),
  );
}

/** The orders of the list of areas: the field of the layer, its text in a row and its name. */
const ORDERS = {
  rate: ["departures_per_100k", "web.area_item", "web.per_100k"],
  persons: ["departures", "web.item_persons", "web.persons_a_year"],
};

/** Regencies, highest first, then districts; the province choice narrows the list. */
function renderAreas(pane, { province, order = "rate", limit, onProvince, onOrder, onMore, selection, onSelect, ...list }) {
  if (!listable(pane, list, "web.areas_none")) return;
  const { features } = list;
  const provinces = features
    .filter(({ properties: p }) => p.level === "province")
    .map(({ properties: p }) => [p.code, p.name]);
  const inside = features.filter(
    ({ properties: p }) => p.level !== "province" && (!province || p.code.startsWith(`${province}.`)),
  );
  const areas = sortAreas(inside.length > 0 ? inside : features, order);
  const numbered = features.some(({ properties: p }) => Number.isFinite(p.departures_mean));
  pane.replaceChildren(
    hint(t("web.areas_intro", { share: UNSURE_BELOW, within: t(numbered ? "web.areas_by_number" : "web.areas_by_name") })),
    provinceChoice("area-province", provinces, province, onProvince),
    numbered
      ? chooser("area-order", "web.areas_order", Object.entries(ORDERS).map(([name, [, , key]]) => [name, t(key)]), order, onOrder)
      : "",
    el("ol", { class: "list" }, areas.slice(0, limit).map((feature) => areaItem(feature, order, selection, onSelect))),
    moreButton(areas.length, limit, onMore),
  );
}

function sortAreas(features, order) {
  const rank = (feature) => (order === "rate" ? CLASSES.indexOf(feature.properties.class) : 0);
  const amount = ({ properties }) => properties[`${ORDERS[order][0]}_mean`] ?? -1;
  const below = (feature) => (feature.properties.level === "regency" ? 0 : 1);
  // Where no number says which comes first, a class that may be another one does not.
  const unsure = ({ properties }) => (order === "rate" && properties.class_probability < UNSURE_BELOW ? 1 : 0);
  return [...features].sort(
    (a, b) =>
      below(a) - below(b) ||
      rank(b) - rank(a) ||
      amount(b) - amount(a) ||
      unsure(a) - unsure(b) ||
      a.properties.name.localeCompare(b.properties.name, "id"),
  );
}

/** A destination and how many leave for it, where the tier has a number. */
function destinationItem(p) {
  const flow = estimateTexts(p, "flow", persons);
  return el("li", {}, flow ? `${localName(p)}: ${t("web.item_persons", flow)}` : localName(p));
}

function areaItem(feature, order, selection, onSelect) {
  const p = feature.properties;
  const [stem, key] = ORDERS[order];
  const amount = estimateTexts(p, stem, persons);
  return listItem(
    { type: "area", key: p._key, selection, onSelect },
    el("span", { class: "item-name" }, p.name),
    el("span", { class: "item-facts" }, classBadge(p.class, "area", p.class_probability, false), p.class_probability < UNSURE_BELOW ? el("small", {}, t("web.unsure")) : null, amount ? el("span", { class: "amount" }, t(key, amount)) : null),
  );
}

/** Check boxes for the layers this tier has. */
function renderSwitches(pane, { available, layers, account, onToggle }) {
  const files = downloads(account, pane.querySelector("#downloads"));
  const names = [...SWITCHES].reverse().filter((name) => available.includes(name));
  pane.replaceChildren(
    hint(t("web.layers_help")),
    el("ul", { class: "switches" }, names.map((name) => el("li", {}, el(
      "label",
      {},
      el("input", {
        type: "checkbox", name, checked: layers.includes(name), onchange: (event) => onToggle(name, event.target.checked),
      }),
      layerSign(name),
      t(`layer.${name}.title`),
      name === "settlements" ? el("small", {}, ` (${t("web.layer_late")})`) : null,
    )))),
    files,
  );
}

/**
 * Draw the list of the open tab. `features` are those of the library that are shown; `choices` are `{province, order, limit}` of areas and of
 * ports, changed here; `desk` tells what a desk adds to lists; `showProvince(code)` moves the map there; `redraw()` renders the panel again.
 */
export function renderList(tab, { library, features, session, store, select, layers, choices, desk, fromOrigins, areaName, showProvince, redraw }) {
  const { top, selection, only } = store.get();
  const pane = byId(`pane-${tab}`);
  // No list yet: loading, or failed (the banner says why). An empty list would claim that there is nothing.
  const common = {
    features: features[tab] ?? [], selection, onSelect: select,
    loading: library.available.length === 0 || !library.has(tab), failed: document.documentElement.dataset.data === "error",
  };
  const choice = choices[tab];
  const change = (chosen, field) => {
    Object.assign(choice, { limit: STEP, ...chosen });
    redraw();
    byId(field).focus();
  };
  /** What changes the choices of the list; its fields begin with `stem`. */
  const changing = (stem) => ({
    onProvince(province) {
      change({ province }, `${stem}-province`);
      showProvince(province);
    },
    onOrder: (order) => change({ order }, `${stem}-order`),
    onMore(limit) {
      const first = choice.limit;
      choice.limit = limit;
      redraw();
      pane.querySelectorAll(".item")[first]?.focus();
    },
  });
  const draw = {
    corridors: () => renderCorridors(pane, {
      ...common,
      chosen: only !== null,
      destinations: [...(library.features.destinations ?? [])].sort((a, b) => b.properties.flow_mean - a.properties.flow_mean),
      tier: has(`web.corridors_intro_${session.tier}`) ? session.tier : "public",
      top,
      form: desk.corridorForm(),
      fromOrigins,
      onTop: (count) => store.set({ top: count }),
    }),
    areas: () => renderAreas(pane, { ...common, ...choice, ...changing("area") }),
    ports: () => renderPorts(pane, { ...common, choice, areaName, notes: desk.portNotes, ...changing("port") }),
    hotspots: () => renderHotspots(pane, { ...common, areaOf: (code) => library.get("areas", code) }),
    layers: () => renderSwitches(pane, {
      available: library.available,
      layers,
      account: session.name,
      onToggle(name, on) {
        const others = layers.filter((other) => other !== name);
        store.set({ layers: on ? [...others, name] : others });
        pane.querySelector(`[name=${name}]`)?.focus();
      },
    }),
  };
  draw[tab]?.();
}
