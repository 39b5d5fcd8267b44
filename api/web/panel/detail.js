/** The profile of a corridor, area, terminal, settlement or office, in sentences. */

import { bar, el, hint, quietButton } from "../ui/dom.js";
import { caveatBox, releaseLine } from "../ui/messages.js";
import { hotspotBody } from "./hotspots.js";
import { className, hasText, label, percent, persons, score, t, title, whole } from "../i18n/i18n.js";
import { signSvg } from "../map/icons.js";
import { CLASSES } from "../map/palette.js";
import { classBadge, corridorName } from "./lists.js";

const MOST_ORIGINS = 12;

/** An estimate as formatted `{mean, p05, p95}`, or null where unknown. */
function estimate(properties, stem, format) {
  const mean = properties[`${stem}_mean`];
  if (!Number.isFinite(mean)) return null;
  return Object.fromEntries(["mean", "p05", "p95"].map((end) => [end, format(properties[`${stem}_${end}`] ?? mean)]));
}

const sentence = (text) => el("p", {}, text);

/** A heading, an explanation (or null) and what it explains; nothing where that is empty. */
const section = (heading, explanation, rows, place) =>
  (rows.length > 0 ? [el("h3", {}, t(heading)), explanation && hint(t(explanation)), place(rows)] : []);
const bars = (rows) => el("ul", { class: "bars" }, rows);

/**
 * Render the profile of `selection` into `article`.
 *
 * @param {object} context `feature` (may be missing), `release`, `extra` (the service's profile of an area,
 *   or null), `parentName(code)`, `onBack()`, `onShow()`, `mapped` (whether there is a map to show it on).
 */
export function renderDetail(article, selection, context) {
  const { feature } = context;
  const body = feature ? BODIES[selection.type](feature, context) : [sentence(t("web.not_found"))];
  article.replaceChildren(
    el("p", { class: "row detail-bar" },
      quietButton(`← ${t("web.back")}`, context.onBack, { class: "quiet back" }),
      feature?.geometry && context.mapped ? quietButton(t("web.show_on_map"), context.onShow) : null),
    ...body.flat().filter(Boolean),
    releaseLine(context.release),
  );
}

function heading(kicker, title, sign = null) {
  return [el("p", { class: "kicker" }, sign, kicker), el("h2", { tabIndex: -1 }, title)];
}

function caveats(...keys) {
  return caveatBox(keys.map((key) => t(key)));
}

function corridor({ properties: p }) {
  const points = Array.isArray(p.waypoints) ? p.waypoints : [];
  const expected = estimate(p, "persons", persons);
  const risk = estimate(p, "score", score);
  const path = points.map((point) => point.name).join(" → ");
  const parts = [...heading(t("web.corridor"), corridorName({ properties: p })), 
    el("p", {}, classBadge(p.class, "corridor", p[`p_${p.class}`]))];
  if (path) {
    const beyond = p.destination_name && points.at(-1)?.name !== p.destination_name;
    parts.push(sentence(beyond ? t("web.corridor_path_to", { path, destination: p.destination_name }) : t("web.corridor_path", { path })));
  }
  if (expected) parts.push(sentence(t("web.corridor_persons", expected)));
  if (risk) parts.push(sentence(t("web.corridor_score", { ...risk, class: className(p.class) })));
  if (!expected) {
    parts.push(sentence(t("web.corridor_class_only", { class: className(p.class) })), sentence(t("web.line_meaning")));
  } else parts.push(hint(t("web.arc_meaning")));
  return [
    ...parts,
    ...section("web.waypoints", null, points, (rows) => el("ol", { class: "waypoints" }, rows.map((point) =>
      el("li", {}, signSvg(point.kind), point.name, " ", el("small", {}, label("kind", point.kind)))))),
    ...components(p),
    ...probabilities(p),
    ...origins(p.origins ?? []),
    caveats("web.caveat_model", "caveat.enforcement", "web.caveat_unknown"),
  ];
}

/** The components: persons a year (no bar: they have no upper end), a share, and two on 0-10. */
function components(p) {
  const rows = [];
  const add = (name, share, text) => {
    if (Number.isFinite(p[name])) rows.push(bar(title("component", name), share(p[name]), text(p[name])));
  };
  const tenth = (v) => v / 10;
  const ofTen = (v) => `${score(v)} / 10`;
  add("volume", () => null, (v) => `${persons(v)} ${t("unit.persons_year")}`);
  add("vulnerability", tenth, ofTen);
  // a share that not every tier has comes with its text
  const shares = Object.keys(p).filter((name) => name.endsWith("_share") && hasText(`component.${name}`));
  for (const name of shares) add(name, (v) => v, percent);
  add("hazard", tenth, ofTen);
  return section("web.components", "web.components_help", rows, () => [bars(rows), hint(t("component.hazard_meaning"))]).flat();
}

/** How probable each class is, from the highest. */
function probabilities(p) {
  const known = [...CLASSES].reverse().filter((name) => Number.isFinite(p[`p_${name}`]));
  const rows = known.map((name) => bar(title("class", name), p[`p_${name}`], percent(p[`p_${name}`])));
  return section("web.class_probabilities", "web.class_probabilities_help", rows, bars);
}

function origins(list) {
  const largest = list.slice(0, MOST_ORIGINS);
  const rows = largest.map((origin) => bar(origin.name, origin.share, percent(origin.share)));
  const rest = 1 - largest.reduce((sum, origin) => sum + origin.share, 0);
  if (rows.length > 0 && rest > 0.005) rows.push(bar(t("web.origins_other"), rest, percent(rest)));
  return section("web.origins", "web.origins_help", rows, bars);
}

function area({ properties: p }, { extra, parentName }) {
  const level = title("level", p.level);
  const parent = p.parent ? parentName(p.parent) : null;
  const points = estimate(p, "score", score);
  const departures = estimate(p, "departures", persons);
  const parts = [...heading(parent ? `${level} · ${parent}` : level, p.name)];
  // rows of other provinces than a partner's own have neither number nor contributions
  if ("departures_mean" in p && p.contributions !== null) parts.push(sentence(departures
    ? t("web.area_departures", { ...departures, rate: persons(p.departures_per_100k_mean) })
    : t("web.area_departures_unknown")));
  parts.push(el("p", {}, classBadge(p.class)));
  parts.push(sentence(p.class === "not_assessed" ? t("web.area_unknown") : t("web.area_class", { class: className(p.class) })));
  if (points) parts.push(sentence(t("web.area_score", points)));
  if (Number.isFinite(p.rank_p05) && Number.isFinite(p.rank_p95)) {
    parts.push(sentence(t("web.area_rank", { p05: whole(p.rank_p05), p95: whole(p.rank_p95) })));
  }
  if (Number.isFinite(p.p_top_decile)) parts.push(sentence(t("web.area_top", { share: percent(p.p_top_decile) })));
  if (Number.isFinite(p.population)) parts.push(sentence(t("web.area_population", { population: whole(p.population) })));
  for (const [name, value] of Object.entries(p)) {
    const key = `web_desk.area_${name}`;
    if (value && hasText(key)) parts.push(sentence(t(key, { class: className(value) })));
  }
  parts.push(...counts(extra?.counts, p.code), ...offices(extra?.services));
  parts.push(hint(t("web.area_code", { code: p.code })));
  const boundary = p.boundary === "official" ? [] : ["caveat.boundaries"];
  parts.push(caveats("web.caveat_model", "caveat.enforcement", "web.caveat_unknown", ...boundary));
  return parts;
}

/** Measure of a count, with its class in law where that is known. */
const countName = (row) => (row.legal_class === "unknown"
  ? label("measure", row.measure)
  : `${label("measure", row.measure)} (${label("legal_class", row.legal_class)})`);

/** Counts of this area, newest first, as published. */
function counts(rows, code) {
  const counted = (rows ?? []).filter((row) => row.area_code === code && Number.isFinite(row.value));
  counted.sort((a, b) => b.year - a.year || a.measure.localeCompare(b.measure));
  const head = ["web.count_year", "web.count_measure", "web.count_value"].map((key) => el("th", { scope: "col" }, t(key)));
  return section("web.counts", "web.counts_help", counted, () => el(
    "table",
    {},
    el("thead", {}, el("tr", {}, head)),
    el("tbody", {}, counted.map((row) => el("tr", {},
      [String(row.year), countName(row), whole(row.value)].map((cell) => el("td", {}, cell))))),
  ));
}

const offices = (rows) => section("layer.services.title", null, rows ?? [], () => el("ul", { class: "plain" }, rows.map((row) =>
  el("li", {}, row.name, " ", el("small", {}, label("service", row.kind))))));

function provenance(p) {
  return [
    p.precision ? hint(t("web.precision_note", { precision: label("precision", p.precision) })) : null,
    p.source
      ? el("p", { class: "hint source" }, t("web.source_note", {
          source: p.source,
          as_of: p.as_of ?? "–",
          confidence: p.confidence ? label("confidence", p.confidence) : "–",
        }))
      : null,
  ];
}

function terminal({ properties: p }) {
  const load = estimate(p, "load", persons);
  return [
    ...heading(title("kind", p.kind), p.name, signSvg(p.kind)),
    sentence(`${t(hasText(`web.terminal_${p.kind}`) ? `web.terminal_${p.kind}` : "web.terminal_official")}.`),
    p.place ? sentence(t("web.terminal_place", { place: p.place })) : null,
    load ? sentence(t("web.terminal_load", load)) : null,
    ...provenance(p),
    load ? caveats("web.caveat_model", "caveat.enforcement") : null,
  ];
}

function settlement({ properties: p }, { parentName }) {
  const points = estimate(p, "score", score);
  const departures = estimate(p, "departures", persons);
  const parent = p.regency_code ? parentName(p.regency_code) : null;
  return [
    ...heading([title("kind", p.kind), parent].filter(Boolean).join(" · "), p.name),
    ...(p.class ? [el("p", {}, classBadge(p.class)), hint(t("web.class_of_regency"))] : []),
    p.population > 0 ? sentence(t("web.area_population", { population: whole(p.population) })) : null,
    points ? sentence(t("web.area_score", points)) : null,
    departures ? sentence(t("web.area_departures", { ...departures, rate: persons(p.departures_per_100k_mean) })) : null,
    ...provenance(p),
    points || departures ? caveats("web.caveat_model", "web.caveat_unknown") : null,
  ];
}

function service({ properties: p }) {
  return [
    ...heading(p.kind ? title("service", p.kind) : title("kind", "service"), p.name, signSvg("service")),
    p.place ? sentence(t("web.terminal_place", { place: p.place })) : null,
    p.jurisdiction ? sentence(t("web.service_jurisdiction", { jurisdiction: p.jurisdiction })) : null,
    ...provenance(p),
  ];
}

const hotspot = (feature, { parentName }) => hotspotBody(feature, { parentName, heading, caveats });

const BODIES = { corridor, area, terminal, settlement, service, hotspot };
