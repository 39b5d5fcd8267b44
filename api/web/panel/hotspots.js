/** Priority areas for prevention (layer `hotspots`): districts whose neighbourhood sends more, or fewer, people than chance. */

import { el, hint, listItem } from "../ui/dom.js";
import { decimals, label, persons, score, t, title } from "../i18n/i18n.js";
import { hotspotSvg } from "../map/icons.js";
import { listable } from "../ui/messages.js";
import { estimateTexts, folded } from "./cards/parts.js";

/** Letters of a province's code. */
const PROVINCE = 2;
/** In the order of the legend. */
export const HOTSPOT_CLASSES = ["hot", "cold", "not_significant", "not_assessed"];

export const hotspotName = (value) => label("hotspot", value ?? "not_assessed");

/** The class with its sign. */
function hotspotBadge(value) {
  return el("span", { class: "badge" }, hotspotSvg(value), hotspotName(value));
}

/** The list of those that are high; `areaOf(code)` is the feature of a regency, whose rate every district of it has. */
export function renderHotspots(pane, { selection, areaOf, onSelect, ...list }) {
  if (!listable(pane, list, "web.hotspots_none")) return;
  const { features } = list;
  const unknown = features.filter(({ properties: p }) => p.class === "not_assessed").length;
  const rate = ({ properties: p }) => areaOf(p.regency_code)?.properties.departures_per_100k_mean ?? -1;
  const high = features.filter(({ properties: p }) => p.class === "hot").sort(
    (a, b) =>
      rate(b) - rate(a) ||
      a.properties.regency_code.localeCompare(b.properties.regency_code) ||
      (b.properties.gi_star ?? 0) - (a.properties.gi_star ?? 0) ||
      a.properties.name.localeCompare(b.properties.name, "id"),
  );
  pane.replaceChildren(
    hint(t("web.hotspots_intro", { hot: high.length })),
    hint(t("web.hotspots_order")),
    unknown > 0 ? hint(t("web.hotspots_unknown", { count: unknown })) : "",
    ...groups(high).map(([code, districts]) => group(areaOf(code)?.properties ?? {}, areaOf(code.slice(0, PROVINCE))?.properties.name, districts, selection, onSelect)),
  );
}

/** By regency, in the order of its first. */
function groups(features) {
  const byRegency = new Map();
  for (const feature of features) {
    const code = feature.properties.regency_code;
    byRegency.set(code, [...(byRegency.get(code) ?? []), feature]);
  }
  return [...byRegency];
}

/** A regency in its province with its rate, which is that of every district of it, and its districts. */
function group(regency, province, districts, selection, onSelect) {
  const rate = estimateTexts(regency, "departures_per_100k", persons);
  return el("section", { class: "group" },
    el("h2", {}, regency.name ?? "", " ", el("small", {}, [province, t("web.hotspots_districts", { count: districts.length })].filter(Boolean).join(" · "))),
    rate || regency.class ? hint(rate ? t("web.area_item", rate) : t("web.rate_unsure")) : null,
    el("ol", { class: "list" }, districts.map(({ properties: p }) => listItem(
      { type: "hotspot", key: p._key, selection, onSelect },
      el("span", { class: "item-name" }, p.name),
    ))));
}

/** The explanation of one district: heading parts, sentences and, where the session has them, the statistics. */
export function hotspotBody({ properties: p }, { parentName, heading, caveats }) {
  const parent = parentName(p.regency_code);
  const kicker = [title("level", "district"), parent].filter(Boolean).join(" · ");
  return [
    ...heading(kicker, p.name),
    el("p", {}, hotspotBadge(p.class)),
    el("p", {}, t(`web.hotspot_means_${p.class ?? "not_assessed"}`)),
    Number.isFinite(p.rate) ? el("p", {}, t("web.hotspot_rate", { rate: persons(p.rate) })) : null,
    ...statistics(p),
    hint(t("web.area_code", { code: p.code })),
    caveats("web.caveat_hotspot_point", "web.caveat_hotspot_records", "caveat.enforcement", "web.caveat_unknown"),
  ];
}

function statistics(p) {
  const rows = [
    ["web.hotspot_gi", p.gi_star, score],
    ["web.hotspot_p", p.p_value, small],
    ["web.hotspot_q", p.q_value, small],
  ].filter(([, value]) => Number.isFinite(value));
  if (rows.length === 0) return [];
  return [folded("web.details",
    el("h3", {}, t("web.hotspot_statistic")),
    el("table", {}, el("tbody", {}, rows.map(([key, value, write]) =>
      el("tr", {}, el("th", { scope: "row" }, t(key)), el("td", {}, write(value)))))),
    hint(t("web.hotspot_test")))];
}

const small = (value) => (value < 0.001 ? `< ${decimals(0.001, 3)}` : decimals(value, 3));
