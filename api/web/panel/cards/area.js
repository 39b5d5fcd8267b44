/** The card of an area: how many set out, how sure that is, why, what is on record, and who helps. */

import { el, hint } from "../../ui/dom.js";
import { table } from "../../ui/tables.js";
import { capital, className, decimals, hasText, label, partOfYear, persons, score, t, title, translated, whole } from "../../i18n/i18n.js";
import { UNSURE_BELOW } from "../../map/palette.js";
import { classBadge } from "../list-parts.js";
import { changeMark, deviationTable } from "./charts.js";
import {
  caveats, countsByYear, estimateOf, estimateTexts, folded, heading, headline, help, largest, links, packLink, rateText, section, sentence,
  sourceLinks, sources,
} from "./parts.js";

/** Letters of a regency's code, of which the service prints a card. */
const REGENCY = 5;

/** A share that is written as 100%. */
const ALL = 0.995;

/** The card of `feature`; `extra` is the answer of the service (or null), `features` its layer, `beside` all cards that share a scale. */
export function area({ properties }, { extra, features, most, beside, parentName, link, attribution, signedIn }) {
  const p = { ...properties, ...extra?.area };
  const card = extra?.card;
  const nameOf = (code) => card?.names[code] ?? parentName(code);
  const regency = p.code.slice(0, REGENCY);
  return [
    ...heading([title("level", p.level), p.parent && nameOf(p.parent), p.boundary === "approximate" && t("web.boundary_approximate")]
      .filter(Boolean).join(" · "), p.name),
    ...number(p, features, most),
    ...classes(p, features, signedIn, nameOf(p.province_code) ?? p.province_code),
    // Who looks up a place without an account may be looking for help there; not who compares two.
    ...(signedIn || beside.length > 1 ? reasons(p, card, nameOf, beside) : inShort(card, help(card, regency))),
    ...changes(p),
    ...countsByYear(card, p.code, beside, {
      table: countTable((extra?.counts ?? []).filter((row) => row.area_code === p.code), signedIn),
    }),
    ...victims(card, p.code),
    ...(signedIn || beside.length > 1 ? help(card, regency) : []),
    packLink(p.code),
    ...section("web.alike", null, (p.alike ?? []).filter(nameOf), (codes) =>
      links(codes.map((id) => ({ selection: { type: "area", id }, name: nameOf(id) })), link)),
    hint([
      signedIn ? null : populationText(p),
      signedIn && Number.isFinite(p.known_share) ? t(p.known_share < ALL ? "web.own_data" : "web.own_data_all", { share: p.known_share }) : null,
      p.gaps?.length > 0 ? t("web.gaps", { gaps: whole(p.gaps.length) }) : null,
      t("web.area_code", { code: p.code }),
    ].filter(Boolean).join(" ")),
    sources(attribution),
    caveats("web.caveat_not_victims", "web.caveat_classes", "caveat.enforcement", "web.caveat_unknown",
      ...(p.boundary === "official" ? [] : ["caveat.boundaries"])),
  ];
}

/** Departures in large type; where the tier has no numbers the class stands there. */
function number(p, features, most) {
  const departures = estimateOf(p, "departures");
  // rows of other provinces than a partner's own have neither number nor contributions
  const mayKnow = Boolean(p.contributions);
  const unsure = p.class_probability < UNSURE_BELOW;
  if (!departures) {
    return [
      el("p", { class: "headline" }, el("strong", { class: "words" },
        unsure ? t("web.class_maybe", { class: className(p.class) }) : className(p.class))),
      p.class === "not_assessed" ? sentence(t("web.area_unknown")) : null,
      unsure ? sentence(t("web.class_unsure", { share: UNSURE_BELOW })) : null,
      mayKnow && p.class !== "not_assessed" ? sentence(t(p.level === "district" ? "web.class_of_regency" : "web.class_of_province")) : null,
    ];
  }
  const rate = estimateTexts(p, "departures_per_100k", persons);
  const peers = features.filter(({ properties }) => properties.level === p.level);
  return [
    ...headline(departures, most ?? largest(peers, "departures"), rate ? t("web.area_rate", rate) : ""),
    hint(t("web.departures_count")),
  ];
}

const populationText = ({ population }) => (Number.isFinite(population) ? t("web.area_population", { population: whole(population) }) : null);

function classes(p, features, signedIn, province) {
  const local = p.level !== "province" && p.class_in_province;
  const rank = local ? p.rank_in_province : p.rank ?? { p05: p.rank_p05, p95: p.rank_p95 };
  return [
    el("p", { class: "classes" }, classBadge(p.class, "area", p.class_probability), " ", el("small", {}, t("web.class_limits"))),
    local && local !== "not_assessed" ? el("p", { class: "classes" }, classBadge(local), " ", el("small", {}, t("web.within_province", { province }))) : null,
    hint([
      Number.isFinite(rank?.p05) && Number.isFinite(rank.p95) ? t(local ? "web.area_rank_in_province" : "web.area_rank", {
        p05: whole(rank.p05), p95: whole(rank.p95), province,
        count: whole(features.filter(({ properties: peer }) => peer.level === p.level && (!local || peer.code.startsWith(p.province_code)) && estimateOf(peer, "departures")).length),
      }) : null,
      signedIn ? populationText(p) : null,
    ].filter(Boolean).join(" ")),
    ...Object.entries(p)
      .filter(([name, value]) => value && hasText(`web_desk.area_${name}`))
      .map(([name, value]) => hint(t(`web_desk.area_${name}`, { class: className(value) }))),
  ];
}

/** Why in one sentence, what is on record here before how it is estimated; then whom to call, in sight; then the rest of why. */
function inShort(card, called) {
  const words = (card?.why ?? []).map((text) => sentence(translated(text)));
  const first = words.length > 2 ? 1 : 0;
  return [
    ...(words.length > 0 ? [el("h3", {}, t("web.why")), words[first]] : []),
    ...called,
    words.length > 1 ? folded("web.why_more", ...words.filter((_, i) => i !== first)) : null,
  ];
}

const partsOf = ({ feature, extra }) => extra?.area?.contributions ?? feature?.properties.contributions ?? [];

/** What makes the conditions here better or worse than in the province (a province: than in the country). */
function reasons(p, card, nameOf, beside) {
  const parts = p.contributions ?? [];
  const words = (card?.why ?? []).map((text) => sentence(translated(text)));
  if (parts.length === 0) return words.length > 0 ? [el("h3", {}, t("web.why")), ...words] : [];
  const effect = (part) => Math.expm1(part.log_points);
  const most = Math.max(...beside.flatMap(partsOf).filter(({ reads }) => reads).map((part) => Math.abs(effect(part))));
  const against = p.level === "province" ? "Indonesia" : (nameOf(p.province_code) ?? "");
  // the reasons of the sentence above them, in its order: the heaviest first, then the lightest
  const named = parts.filter(({ reads }) => reads);
  const worse = named.filter(({ log_points: points }) => points > 0);
  const drawn = [...worse, ...named.slice(worse.length).reverse()];
  return [
    ...(words.length > 1 ? [el("h3", {}, t("web.why")), ...words.slice(0, -1)] : []),
    el("h3", {}, t("web.why_conditions")), ...words.slice(-1),
    ...(drawn.length > 0 ? [
      deviationTable(t("web.why_conditions"), drawn.map((part) => (
        { name: capital(translated(part.reads)), value: effect(part), text: signedPercent(effect(part)) })), most),
      hint(t("web.why_sides", { whole: against })),
    ] : []),
    folded("web.details", scoreSentence(p), Number.isFinite(p.p_top_decile) ? sentence(t("web.area_top", { share: p.p_top_decile })) : null, table(t("web.why_conditions"), [
      { title: t("web.indicator"), value: translated },
      { title: t("web.effect"), value: (part) => signedPercent(effect(part)), number: true },
      { title: t("web.basis"), value: (part) => label("basis", part.basis) },
    ], parts), hint(t("web.effect_means"))),
  ];
}

function scoreSentence(p) {
  const points = estimateTexts(p, "score", score);
  return points && sentence(t("web.area_score", points));
}

const signedPercent = (share) => `${share > 0.0005 ? "+" : ""}${decimals(100 * share, 1).replace("-", "−")}%`;

/** How the indicators changed, with the doubt of each change. */
function changes(p) {
  const names = new Map((p.contributions ?? []).map((part) => [part.indicator, translated(part)]));
  const known = (p.trend ?? []).filter(({ indicator }) => names.has(indicator));
  return section("web.trend", null, known, (rows) => el("table", { class: "estimates" },
    el("caption", { class: "hidden" }, t("web.trend")),
    el("tbody", {}, rows.map((row) => {
      const moved = Number.isFinite(row.change) ? { mean: row.change, low: row.p05, high: row.p95 } : null;
      return el("tr", {},
        el("th", { scope: "row" }, names.get(row.indicator), " ", el("small", {}, `${row.from}–${row.to}`)),
        el("td", { class: "drawn" }, changeMark(moved)),
        el("td", { class: "number" }, changeText(moved)));
    }))));
}

function changeText(moved) {
  if (!moved) return el("small", {}, t("web.trend_unclear"));
  const [low, high] = [moved.low, moved.high].map(Math.abs).sort((a, b) => a - b);
  const values = { change: score(Math.abs(moved.mean)), low: score(low), high: score(high) };
  return t(moved.mean > 0 ? "web.trend_up" : "web.trend_down", values);
}

/** Counts of this area, newest first, as published. */
function countTable(rows, signedIn) {
  const counted = rows.filter(({ value }) => Number.isFinite(value));
  counted.sort((a, b) => b.year - a.year || a.measure.localeCompare(b.measure));
  return counted.length === 0 ? null : el("div", {}, table(t("web.counts"), [
    { title: t("web.count_year"), value: (row) => [row.year, row.period && `(${partOfYear(row.period)})`].filter(Boolean).join(" ") },
    { title: t("web.count_measure"), value: countName },
    { title: t("web.count_value"), value: (row) => [whole(row.value), rateText(row)].filter(Boolean).join(" "), number: true },
    { title: t("web.count_source"), value: (row) => (row.source ? sourceLinks(row.source) : t("web.own_count")) },
  ], counted), signedIn ? null : hint(t("web.count_pages")));
}

/** Victims by sex, of children and by form of exploitation, where any are shown. */
const victims = (card, code) => section("web.victims", null, card?.victims.rows ?? [], (rows) => el("div", {},
  card.victims.area_code === code ? null : hint(t("web.counts_of", { area: card.names[card.victims.area_code] ?? card.victims.area_code })),
  table(t("web.victims"), [
    { title: t("web.victims_who"), value: ({ measure }) => capital(label("measure", measure)) },
    { title: t("web.count_year"), value: ({ years }) => years },
    { title: t("web.count_value"), value: ({ count }) => whole(count), number: true },
  ], rows.flatMap(({ year_from: from, year_to: to, persons: counted }) =>
    Object.entries(counted).map(([measure, count]) => ({ measure, count, years: `${from}–${to}` })))),
  hint(t("web.victims_help"))));

/** Measure of a count, with its class in law where that is known. */
const countName = (row) => (row.legal_class === "unknown"
  ? label("measure", row.measure)
  : `${label("measure", row.measure)} · ${label("legal_class", row.legal_class)}`);
