/** The lists beside the map: corridors, areas and switches of layers; they work without a map. */

import { el, listItem } from "../ui/dom.js";
import { className, has, persons, score, t } from "../i18n/i18n.js";
import { hotspotSvg, signSvg } from "../map/icons.js";
import { SWITCHES } from "../map/layers.js";
import { AREA_COLOURS, CLASSES, CORRIDOR_COLOURS } from "../map/palette.js";
import { CORRIDOR_COUNTS } from "../app/url-state.js";
import { renderHotspots } from "./hotspots.js";

const STEP = 40;

/** A class with its colour; the text carries the meaning. */
export function classBadge(value, kind = "area") {
  const name = value ?? "not_assessed";
  const swatch = el("span", { class: name === "not_assessed" ? "swatch hatch" : "swatch", "aria-hidden": "true" });
  const colour = (kind === "corridor" ? CORRIDOR_COLOURS : AREA_COLOURS)[name];
  if (colour && name !== "not_assessed") swatch.style.background = colour;
  return el("span", { class: "badge" }, swatch, className(name));
}

export function corridorName(feature) {
  const p = feature.properties;
  if (Array.isArray(p.waypoints) && p.waypoints.length > 0) {
    return p.waypoints.map((point) => point.name).join(" – ");
  }
  if (p.origin_name && p.destination_name) return `${p.origin_name} → ${p.destination_name}`;
  return (p.name ?? p.id ?? "").replaceAll(" - ", " – ");
}

export function renderCorridors(pane, { features, tier, top, selection, loading, failed, onSelect, onTop }) {
  if (failed) return pane.replaceChildren();
  if (loading) return pane.replaceChildren(el("p", { class: "hint" }, t("web.loading")));
  if (features.length === 0) return pane.replaceChildren(el("p", { class: "hint" }, t("web.corridors_none")));
  const select = el(
    "select",
    { id: "corridor-top", onchange: (event) => onTop(Number(event.target.value)) },
    CORRIDOR_COUNTS.filter((count) => count === 0 || count < features.length).map((count) =>
      el(
        "option",
        { value: String(count), selected: count === top || (count === 0 && top >= features.length) },
        count ? t("web.corridors_top", { count }) : t("web.corridors_all", { count: features.length }),
      ),
    ),
  );
  const shown = top ? features.slice(0, top) : features;
  pane.replaceChildren(
    el("p", { class: "hint" }, t(`web.corridors_intro_${tier}`)),
    el("p", { class: "row" }, el("label", { for: "corridor-top" }, t("web.corridors_shown")), select),
    el(
      "ol",
      { class: "list" },
      shown.map((feature) => corridorItem(feature, selection, onSelect)),
    ),
  );
}

function corridorItem(feature, selection, onSelect) {
  const p = feature.properties;
  const aside = Number.isFinite(p.persons_mean)
    ? el("span", { class: "amount" }, `${persons(p.persons_mean)} ${t("unit.persons_year")}`)
    : null;
  return listItem(
    { type: "corridor", key: p._key, selection, onSelect },
    el("span", { class: "item-name" }, corridorName(feature)),
    el("span", { class: "item-facts" }, classBadge(p.class, "corridor"), aside),
  );
}

/** Regencies by class, most vulnerable first; the province choice narrows the list. */
export function renderAreas(pane, context) {
  const { features, province, limit, selection, loading, failed, onSelect, onProvince, onMore } = context;
  if (failed) return pane.replaceChildren();
  if (loading) return pane.replaceChildren(el("p", { class: "hint" }, t("web.loading")));
  const provinces = features
    .filter((feature) => feature.properties.level === "province")
    .sort((a, b) => a.properties.name.localeCompare(b.properties.name, "id"));
  const inside = features.filter(
    ({ properties: p }) => p.level !== "province" && (!province || p.code.startsWith(`${province}.`)),
  );
  const list = sortAreas(inside.length > 0 ? inside : features);
  if (list.length === 0) return pane.replaceChildren(el("p", { class: "hint" }, t("web.areas_none")));
  const select = el(
    "select",
    { id: "area-province", onchange: (event) => onProvince(event.target.value) },
    el("option", { value: "" }, t("web.areas_every")),
    provinces.map(({ properties: p }) =>
      el("option", { value: p.code, selected: p.code === province }, p.name),
    ),
  );
  const rest = list.length - limit;
  pane.replaceChildren(
    el("p", { class: "hint" }, t("web.areas_intro")),
    el("p", { class: "row" }, el("label", { for: "area-province" }, t("web.areas_province")), select),
    el(
      "ol",
      { class: "list" },
      list.slice(0, limit).map((feature) => areaItem(feature, selection, onSelect)),
    ),
    ...(rest > 0
      ? [el("button", { type: "button", class: "quiet more", onclick: () => onMore(limit + STEP) },
          t("web.more", { count: Math.min(rest, STEP) }))]
      : []),
  );
}

renderAreas.step = STEP;

function sortAreas(features) {
  const rank = (feature) => CLASSES.indexOf(feature.properties.class);
  return [...features].sort(
    (a, b) =>
      (b.properties.score_mean ?? -1) - (a.properties.score_mean ?? -1) ||
      rank(b) - rank(a) ||
      a.properties.name.localeCompare(b.properties.name, "id"),
  );
}

function areaItem(feature, selection, onSelect) {
  const p = feature.properties;
  return listItem(
    { type: "area", key: p._key, selection, onSelect },
    el("span", { class: "item-name" }, p.name),
    el(
      "span",
      { class: "item-facts" },
      classBadge(p.class),
      Number.isFinite(p.score_mean)
        ? el("span", { class: "amount" }, `${score(p.score_mean)} (${score(p.score_p05)}–${score(p.score_p95)})`)
        : null,
    ),
  );
}

/** Check boxes for the layers this tier has. */
export function renderSwitches(pane, { available, layers, onToggle }) {
  const names = [...SWITCHES].reverse().filter((name) => available.includes(name));
  pane.replaceChildren(
    el("p", { class: "hint" }, t("web.layers_help")),
    el(
      "ul",
      { class: "switches" },
      names.map((name) =>
        el(
          "li",
          {},
          el(
            "label",
            {},
            el("input", {
              type: "checkbox",
              name,
              checked: layers.includes(name),
              onchange: (event) => onToggle(name, event.target.checked),
            }),
            layerSign(name),
            t(`layer.${name}.title`),
            name === "settlements" ? el("small", {}, ` (${t("web.layer_late")})`) : null,
          ),
        ),
      ),
    ),
  );
}

function layerSign(name) {
  if (name === "terminals") return signSvg("seaport");
  if (name === "services") return signSvg("service");
  if (name === "hotspots") return hotspotSvg("hot");
  return el("span", { class: `sign sign-${name}`, "aria-hidden": "true" });
}

const $ = (id) => document.getElementById(id);

/**
 * Draw every list. `areas` is `{province, limit}`, changed here; `redraw()` renders the panel again.
 */
export function renderLists({ library, session, store, tabs, areaName, select, layers, areas, redraw }) {
  const { top, selection } = store.get();
  const { features } = library;
  // No list yet: loading, or failed (the banner says why). An empty list would claim that there is nothing.
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
    tier: has(`web.corridors_intro_${session.tier}`) ? session.tier : "public",
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
