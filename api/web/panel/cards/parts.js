/** What the cards are made of: headings, the number in large type, sections, places and lines that help. */

import { ROOT } from "../../app/data.js";
import { el, hint } from "../../ui/dom.js";
import { caveatBox } from "../../ui/messages.js";
import { currentLanguage, label, persons, score, t, translated } from "../../i18n/i18n.js";
import { scaledInterval, yearBars } from "./charts.js";

/** Offices that a card names before those of each step, which are folded. */
const OFFICES = 5;
/** Records of a pretext that a card shows. */
const RECORDS = 2;
/** Numbers that a card shows before the others, which are folded, and the national lines among them by id. */
const NUMBERS = 3;
const FIRST_LINES = ["sapa", "kp2mi", "police"];
/** Sections of offices to call; the others are the way to a lawful departure. */
const CALLED = ["contacts", "ltsa"];
/** Stands in a text for what is no text. */
const MARK = "\u{FFFC}";
const ENDS = ["mean", "p05", "p95"];

export const sentence = (text) => el("p", {}, text);

export const heading = (kicker, title, sign = null) =>
  [el("p", { class: "kicker" }, sign, kicker), el("h2", { tabIndex: -1 }, title)];

export const caveats = (...keys) => caveatBox(keys.map((key) => t(key)));

/** A heading, an explanation (or null) and what it explains; nothing where that is empty. */
export const section = (title, explanation, rows, place) =>
  (rows.length > 0 ? [el("h3", {}, t(title)), explanation && hint(t(explanation)), place(rows)] : []);

/** What only some want to read; nothing where it is empty. */
export const folded = (title, ...children) => {
  const inside = children.flat().filter(Boolean);
  return inside.length > 0 ? el("details", { class: "folded" }, el("summary", {}, t(title)), inside) : null;
};

/** An estimate `{mean, p05, p95}` of a row of a layer (`load_mean`) or of an answer (`load_per_year`); null where unknown. */
export function estimateOf(row, stem) {
  const nested = row[stem] ?? row[`${stem}_per_year`];
  const found = nested ?? Object.fromEntries(ENDS.map((end) => [end, row[`${stem}_${end}`]]));
  return Number.isFinite(found.mean) ? Object.fromEntries(ENDS.map((end) => [end, found[end] ?? found.mean])) : null;
}

/** The same with its numbers as texts. */
export function estimateTexts(row, stem, format) {
  const found = estimateOf(row, stem);
  return found && Object.fromEntries(ENDS.map((end) => [end, format(found[end])]));
}

/** The number in large type, its interval drawn and in words; `more` ends the sentence. */
export const headline = (estimate, most, more = "") => [
  el("p", { class: "headline" }, el("strong", {}, persons(estimate.mean)), " ", t("web.persons_a_year")),
  scaledInterval(estimate, Math.max(most, estimate.p95)),
  el("p", { class: "hint" }, [t("web.interval_from_to", { p05: persons(estimate.p05), p95: persons(estimate.p95) }), more].filter(Boolean).join(" ")),
];

/** A count's rate in words; empty where it has none, and no rate says anything. */
export function rateText(count) {
  const rate = rateOf(count);
  return rate ? `· ${t("web.count_rate", rate)}` : "";
}

/** The same as texts, with the year of the inhabitants it is of; null without one. */
export function rateOf(count) {
  const rate = estimateTexts(count, "per_100k", score);
  return rate && { ...rate, year: String(count.population_year) };
}

/** The largest upper end among features of a layer, the end of the axis of their cards. */
export const largest = (features, stem) =>
  Math.max(0, ...features.map(({ properties: p }) => p[`${stem}_p95`]).filter(Number.isFinite));

/** Small charts of counts by year, with the area they are of (in the text `of`) where that is not `area`; those of cards `beside` it have the same height. */
export function countsByYear(card, area, beside, { table = null, of = "web.counts_of" } = {}) {
  const { area_code: code, series } = card?.counts ?? { series: [] };
  const titleOf = ({ measure, legal_class: law }) => (law !== "unknown"
    ? `${label("measure", measure)} · ${label("legal_class", law)}`
    : label("measure", measure));
  return section("web.counts", null, series, () => el("div", {},
    code === area ? null : hint(t(of, { area: card.names[code] ?? code })),
    series.map((item) => yearBars(titleOf(item), item.years, { tallest: tallest(item, beside) })),
    hint([t("web.counts_dot"), series.some(({ years }) => years.some(({ period }) => period)) ? t("web.counts_part") : null].filter(Boolean).join(" ")),
    [...new Set(series.map(({ note }) => note && translated(note)))].filter(Boolean).map(hint),
    folded("web.details", hint(t("web.counts_help")), table)));
}

/** The largest count of a series on all cards that share a scale. */
const tallest = ({ measure, legal_class: law }, beside) => Math.max(...beside
  .flatMap(({ extra }) => extra?.card?.counts.series ?? [])
  .filter((other) => other.measure === measure && other.legal_class === law)
  .flatMap(({ years }) => years.map(({ value }) => value)));

/** Who must be told at each step, and where no office is known; `subject` is what the card to print is of. */
function referral(steps, subject) {
  const item = ({ title, duty, offices, gap, more }) => [
    el("dt", {}, translated(title)),
    el("dd", {}, offices.map(({ name, place, serves, as_of: stated }) => el("div", {}, name, " ", el("small", {},
      [name.includes(place) ? null : place, stated.slice(0, 4), serves.length > 1 ? t("referral.serves", { areas: serves.join(", ") }) : null].filter(Boolean).join(", ")))),
    more > 0 ? hint(t("web.referral_more", { count: more })) : null,
    gap ? hint([translated(gap), t("referral.by_rule", { duty: translated(duty) })].join(" ")) : null),
  ];
  const print = () => el("p", { class: "actions" }, el("a", {
    class: "button", download: "", href: new URL(`v1/documents/referrals/${encodeURIComponent(subject)}?lang=${currentLanguage()}`, ROOT).href,
  }, t("web.referral_card")));
  return steps.length > 0 ? folded("referral.who", el("dl", { class: "steps" }, steps.flatMap(item)), subject ? print() : null) : null;
}

const toCall = (number) => el("a", { href: `tel:${number}` }, number);
const entryLine = ({ name, phone, said }) => el("li", {}, phone ? [toCall(phone), " "] : null,
  el("span", {}, translated(name), " ", el("small", {}, translated(said))));
const hotline = ({ number, purpose, said }) => el("li", {},
  toCall(number), " ", el("small", {}, translated(purpose), said ? ` (${translated(said)})` : ""));

/**
 * Whom to call: the numbers that help most here, those of the place's and its province's own offices before the national
 * lines; the others, and the offices without a number, are folded.
 */
function numbers({ hotlines, safe_ways: sections }) {
  const own = sections.filter(({ id }) => id === "contacts").flatMap(({ entries }) => entries).filter(({ phone }) => phone);
  const lines = FIRST_LINES.map((id) => hotlines.find((line) => line.id === id)).filter(Boolean);
  const first = [...own, ...lines].slice(0, NUMBERS);
  const rest = ({ title, entries, note }) => {
    const others = entries.filter((entry) => !first.includes(entry));
    return others.length > 0 || note
      ? [el("h4", {}, translated(title)), el("ul", { class: "plain lines" }, others.map(entryLine)), note ? hint(translated(note)) : null] : [];
  };
  return [
    el("h3", {}, t("web.call")),
    el("ul", { class: "plain lines" }, first.map((one) => (one.number ? hotline(one) : entryLine(one)))),
    folded("web.call_more", el("ul", { class: "plain lines" }, hotlines.filter((line) => !first.includes(line)).map(hotline)),
      ...sections.filter(({ id }) => CALLED.includes(id)).flatMap(rest)),
  ];
}

/** Folded, the way to a lawful departure. */
function safeWays(sections, papers) {
  const shown = ({ title, entries, note }) => [
    el("h4", {}, translated(title)), el("ul", { class: "plain lines" }, entries.map(entryLine)), note ? hint(translated(note)) : null,
  ];
  const listed = papers.length > 0 ? [el("h4", {}, t("referral.papers")), el("ul", { class: "plain" }, papers.map((text) => el("li", {}, translated(text))))] : [];
  return sections.length > 0 ? [folded("safe.title", ...sections.filter(({ id }) => !CALLED.includes(id)).flatMap(shown), ...listed)] : [];
}

/** Offers to check, the nearest first; a desk has where each is on record, and what an officer may ask. */
function pretexts({ pretexts: items, none_near: none, said }) {
  const item = ({ text, check, ask, near, records = [] }) => el("li", {},
    el("strong", {}, translated(text)), `: ${translated(check)}`,
    ask ? el("div", {}, `${t("web_desk.pretext_ask")} ${translated(ask)}`) : null,
    records.filter((record) => record.near === near).slice(0, RECORDS).map((record) => el("div", {}, el("small", {}, `${translated(record.said)} (`, ...sourceLinks(record.source), ")"))));
  const group = (near) => [
    near ? el("h4", {}, translated(items.find((one) => one.near === near).near_said)) : null,
    el("ul", { class: "plain" }, items.filter((one) => one.near === near).map(item)),
  ];
  return folded("web.pretexts", [none, ...said].filter(Boolean).map((one) => hint(translated(one))), [...new Set(items.map(({ near }) => near))].flatMap(group));
}

/** The lines to call, the offices that serve the area, who covers it, and what recruiters say there. */
export function help(card, subject = null) {
  if (!card) return [];
  const item = ({ name, kind, place }) => el("li", {}, name, " ", el("small", {},
    [name.startsWith(label("service", kind)) ? null : label("service", kind), place].filter(Boolean).join(", ")));
  return [
    ...numbers(card),
    ...safeWays(card.safe_ways, card.departure_papers),
    ...section("web.offices", null, card.offices.slice(0, OFFICES), (rows) => el("ul", { class: "plain" }, rows.map(item))),
    referral(card.referral, subject),
    el("h3", {}, t("web.who_covers")), sentence(translated(card.covered)),
    pretexts(card.pretexts),
  ];
}

/** The area as one file for a phone without network. */
export const packLink = (code) => el("p", { class: "actions" },
  el("a", { class: "button", href: new URL(`v1/packs/${code}`, ROOT).href, download: "" }, t("web.pack_download")));

/** Links to other places: `[{selection, name}]`, each made by `link(selection, name)`. */
export const links = (rows, link) => el("ul", { class: "links" }, rows.map(({ selection, name }) => el("li", {}, link(selection, name))));

/** Sources of the release, folded. */
export const sources = (attribution) => (attribution?.length > 0
  ? folded("web.sources", el("ul", { class: "plain" }, attribution.map((text) => el("li", {}, translated(text)))))
  : null);

/** A text in which an element stands where `mark` was put. */
export const around = (text, mark, inside) => {
  const [before, after] = text.split(mark);
  return [before, ...inside, after];
};

const PAGE = /^https?:\/\/(?:www\.)?([^/\s?#]+)\S*$/i;
const SITE = /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;

/** The sources of a row, each by its site or title and as a link to its page; a site that is named alone leads to the site. */
export function sourceLinks(text) {
  const link = (href, site) => el("a", { href, rel: "noopener noreferrer", target: "_blank" }, site);
  const one = (name) => (PAGE.test(name) ? link(name, name.match(PAGE)[1]) : SITE.test(name) ? link(`https://${name}`, name) : name);
  const names = text.split(";").map((name) => name.trim()).filter(Boolean);
  return names.flatMap((name, i) => (i === 0 ? [one(name)] : ["; ", one(name)]));
}

export function provenance(p) {
  return [
    p.precision ? hint(t("web.precision_note", { precision: label("precision", p.precision) })) : null,
    p.source
      ? el("p", { class: "hint source" }, around(t("web.source_note", {
          source: MARK,
          as_of: p.as_of ?? "–",
          confidence: p.confidence ? label("confidence", p.confidence) : "–",
        }), MARK, sourceLinks(p.source)))
      : null,
  ];
}
