/** Explaining one thing in plain sentences: a corridor, an area, a terminal, a settlement, an office. */

import { bar, el } from "../ui/dom.js";
import { hotspotBody } from "./hotspots.js";
import { className, has, percent, persons, score, t, whole } from "../i18n/i18n.js";
import { signSvg } from "../map/icons.js";
import { classBadge, corridorName } from "./lists.js";

const MOST_ORIGINS = 12;

/** The three numbers of an estimate as `{mean, p05, p95}` in words, or null where unknown. */
function estimate(properties, stem, format) {
  const [mean, p05, p95] = ["mean", "p05", "p95"].map((end) => properties[`${stem}_${end}`]);
  if (!Number.isFinite(mean)) return null;
  return {
    mean: format(mean),
    p05: format(Number.isFinite(p05) ? p05 : mean),
    p95: format(Number.isFinite(p95) ? p95 : mean),
  };
}

const sentence = (text) => (text ? el("p", {}, text) : null);

/** Words for a value that comes from data; the value itself where the page has no word for it. */
const word = (stem, value) =>
  has(`${stem}_${value}`) ? t(`${stem}_${value}`) : String(value).replaceAll("_", " ");

/**
 * Fill `article` with the explanation of `selection`.
 *
 * @param {object} context `feature` (may be missing), `tier`, `release`, `extra` (the service's longer answer, or
 *   null), `parentName(code)`, `onBack()`, `onShow()`, `mapped` (whether there is a map to show it on).
 */
export function renderDetail(article, selection, context) {
  const { feature } = context;
  const body = feature ? BODIES[selection.type](feature, context) : [el("p", {}, t("notFound"))];
  article.replaceChildren(
    el(
      "p",
      { class: "row detail-bar" },
      el("button", { type: "button", class: "quiet back", onclick: context.onBack }, `← ${t("back")}`),
      feature?.geometry && context.mapped
        ? el("button", { type: "button", class: "quiet", onclick: context.onShow }, t("showOnMap"))
        : null,
    ),
    ...body.flat().filter(Boolean),
    el("p", { class: "release" }, `${t("release")} `, el("code", {}, context.release ?? t("releaseMissing"))),
  );
}

function heading(kicker, title, sign = null) {
  return [el("p", { class: "kicker" }, sign, kicker), el("h2", { tabIndex: -1 }, title)];
}

function caveats(...keys) {
  return el(
    "div",
    { class: "caveat" },
    el("h3", {}, t("caveatTitle")),
    el("ul", {}, keys.map((key) => el("li", {}, t(key)))),
  );
}

function corridor({ properties: p }, { tier }) {
  const points = Array.isArray(p.waypoints) ? p.waypoints : [];
  const expected = estimate(p, "persons", persons);
  const risk = estimate(p, "score", score);
  const path = points.map((point) => point.name).join(" → ");
  const parts = [...heading(t("corridorKicker"), corridorName({ properties: p })), el("p", {}, classBadge(p.class, "corridor"))];
  if (path) {
    const known = p.destination_name && points.at(-1)?.name !== p.destination_name;
    parts.push(sentence(known ? t("corridorPathTo", { path, destination: p.destination_name }) : t("corridorPath", { path })));
  }
  if (expected) parts.push(sentence(t("corridorPersons", expected)));
  if (risk) parts.push(sentence(t("corridorScore", { ...risk, class: className(p.class) })));
  if (tier !== "police") {
    parts.push(sentence(t("corridorClassOnly", { class: className(p.class) })), sentence(t("lineMeaning")));
  } else parts.push(el("p", { class: "hint" }, t("arcMeaning")));
  if (points.length > 0) {
    parts.push(
      el("h3", {}, t("waypoints")),
      el("ol", { class: "waypoints" }, points.map((point) =>
        el("li", {}, signSvg(point.kind), point.name, " ", el("small", {}, word("kind", point.kind))))),
    );
  }
  parts.push(...components(p), ...origins(p.origins));
  parts.push(caveats("caveatModel", "caveatEnforcement", "caveatUnknown"));
  return parts;
}

/** Persons a year at which the bar of the volume is full; it grows with their logarithm, as the score does. */
const FULL_VOLUME = 1000;

/** The parts of the score: persons a year, a share, and two on 0-10. */
function components(p) {
  const rows = [];
  const add = (name, share, text) => {
    if (Number.isFinite(p[name])) rows.push(bar(t(`component_${name}`), share(p[name]), text(p[name])));
  };
  const tenth = (v) => v / 10;
  const ofTen = (v) => `${score(v)} / 10`;
  add("volume", (v) => Math.log1p(v) / Math.log1p(FULL_VOLUME), (v) => `${persons(v)} ${t("perYear")}`);
  add("vulnerability", tenth, ofTen);
  add("unofficial_share", (v) => v, percent);
  add("hazard", tenth, ofTen);
  if (rows.length === 0) return [];
  return [
    el("h3", {}, t("components")),
    el("p", { class: "hint" }, t("componentsHelp")),
    el("ul", { class: "bars" }, rows),
  ];
}

function origins(list) {
  if (!Array.isArray(list) || list.length === 0) return [];
  const shown = list.slice(0, MOST_ORIGINS);
  const rows = shown.map((origin) => bar(origin.name, origin.share, percent(origin.share)));
  const rest = 1 - shown.reduce((sum, origin) => sum + origin.share, 0);
  if (rest > 0.005) rows.push(bar(t("originsOther"), rest, percent(rest)));
  return [
    el("h3", {}, t("origins")),
    el("p", { class: "hint" }, t("originsHelp")),
    el("ul", { class: "bars" }, rows),
  ];
}

function area({ properties: p }, { extra, parentName }) {
  const level = has(`areaKicker_${p.level}`) ? t(`areaKicker_${p.level}`) : p.level;
  const parent = p.parent ? parentName(p.parent) : null;
  const points = estimate(p, "score", score);
  const departures = estimate(p, "demand", persons);
  const parts = [...heading(parent ? `${level} · ${parent}` : level, p.name), el("p", {}, classBadge(p.class))];
  parts.push(sentence(p.class === "not_assessed" ? t("areaUnknown") : t("areaClass", { class: className(p.class) })));
  if (points) parts.push(sentence(t("areaScore", points)));
  if (Number.isFinite(p.rank_p05) && Number.isFinite(p.rank_p95)) {
    parts.push(sentence(t("areaRank", { p05: whole(p.rank_p05), p95: whole(p.rank_p95) })));
  }
  if (Number.isFinite(p.p_top_decile)) parts.push(sentence(t("areaTop", { share: percent(p.p_top_decile) })));
  if (departures) parts.push(sentence(t("areaDemand", departures)));
  if (Number.isFinite(p.population)) parts.push(sentence(t("areaPopulation", { population: whole(p.population) })));
  if (p.unofficial_landings_class) {
    const unknown = p.unofficial_landings_class === "not_assessed";
    parts.push(sentence(
      unknown ? t("areaLandingsUnknown") : t("areaLandings", { class: className(p.unofficial_landings_class) }),
    ));
  }
  parts.push(...counts(extra?.counts, p.code), ...offices(extra?.services));
  parts.push(el("p", { class: "hint" }, t("areaCode", { code: p.code })));
  const boundary = p.boundary === "official" ? [] : ["caveatCells"];
  parts.push(caveats("caveatModel", "caveatEnforcement", "caveatUnknown", ...boundary));
  return parts;
}

/** Counts on record for this very area, the newest first; the release has rounded them. */
function counts(rows, code) {
  const own = (rows ?? []).filter((row) => row.area_code === code && Number.isFinite(row.value));
  if (own.length === 0) return [];
  own.sort((a, b) => b.year - a.year || a.measure.localeCompare(b.measure));
  const head = ["countYear", "countMeasure", "countValue"].map((key) => el("th", { scope: "col" }, t(key)));
  return [
    el("h3", {}, t("counts")),
    el("p", { class: "hint" }, t("countsHelp")),
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, own.map((row) =>
        el("tr", {}, el("td", {}, String(row.year)), el("td", {}, word("measure", row.measure)), el("td", {}, whole(row.value))))),
    ),
  ];
}

function offices(rows) {
  if (!rows?.length) return [];
  return [
    el("h3", {}, t("services")),
    el("ul", { class: "plain" }, rows.map((row) =>
      el("li", {}, row.name, " ", el("small", {}, word("service", row.kind))))),
  ];
}

function provenance(p) {
  return [
    p.precision ? el("p", { class: "hint" }, t("precisionNote", { precision: word("precision", p.precision) })) : null,
    p.source
      ? el("p", { class: "hint source" }, t("sourceNote", {
          source: p.source,
          as_of: p.as_of ?? "–",
          confidence: p.confidence ? word("confidence", p.confidence) : "–",
        }))
      : null,
  ];
}

function terminal({ properties: p }) {
  const load = estimate(p, "load", persons);
  return [
    ...heading(word("kind", p.kind), p.name, signSvg(p.kind)),
    sentence(t(p.kind === "unofficial" ? "terminalUnofficial" : "terminalOfficial")),
    p.place ? sentence(t("terminalPlace", { place: p.place })) : null,
    load ? sentence(t("terminalLoad", load)) : null,
    ...provenance(p),
    load ? caveats("caveatModel", "caveatEnforcement") : null,
  ];
}

function settlement({ properties: p }, { parentName }) {
  const points = estimate(p, "score", score);
  const departures = estimate(p, "demand", persons);
  const parent = p.regency_code ? parentName(p.regency_code) : null;
  return [
    ...heading(parent ? `${t("settlementKicker")} · ${parent}` : t("settlementKicker"), p.name),
    p.class ? el("p", {}, classBadge(p.class)) : null,
    p.population > 0 ? sentence(t("areaPopulation", { population: whole(p.population) })) : null,
    points ? sentence(t("areaScore", points)) : null,
    points && p.score_basis === "regency" ? el("p", { class: "hint" }, t("scoreOfRegency")) : null,
    departures ? sentence(t("areaDemand", departures)) : null,
    ...provenance(p),
    points || departures ? caveats("caveatModel", "caveatUnknown") : null,
  ];
}

function service({ properties: p }) {
  return [
    ...heading(p.kind ? word("service", p.kind) : t("serviceKicker"), p.name, signSvg("service")),
    p.place ? sentence(t("terminalPlace", { place: p.place })) : null,
    p.jurisdiction ? sentence(t("serviceJurisdiction", { jurisdiction: p.jurisdiction })) : null,
    ...provenance(p),
  ];
}

const hotspot = (feature, { parentName }) => hotspotBody(feature, { parentName, heading, caveats });

const BODIES = { corridor, area, terminal, settlement, service, hotspot };
