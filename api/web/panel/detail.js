/** The card of what is selected, or two of one kind side by side. */

import { NARROW, el, hint, quietButton } from "../ui/dom.js";
import { errorText, releaseLine } from "../ui/messages.js";
import { ROOT } from "../app/data.js";
import { isNamed } from "../app/named-corridor.js";
import { capital, currentLanguage, day, t } from "../i18n/i18n.js";
import { featureBox } from "../map/layers.js";
import { area } from "./cards/area.js";
import { estimateTable } from "./cards/charts.js";
import { corridor } from "./cards/corridor.js";
import { caveats, estimateOf, heading, sentence } from "./cards/parts.js";
import { service, settlement } from "./cards/place.js";
import { port } from "./cards/port.js";
import { hotspotBody } from "./hotspots.js";
import { nameOf } from "./titles.js";

const hotspot = (feature, { parentName }) => hotspotBody(feature, { parentName, heading, caveats });

const BODIES = { corridor, area, terminal: port, settlement, service, hotspot };

/** What is compared of a kind of place: the estimates whose intervals lie on one axis, each with its heading. */
const COMPARED = {
  area: [["departures", "web.persons_a_year"], ["departures_per_100k", "web.per_100k"]],
  terminal: [["load", "web.persons_a_year"]],
  corridor: [["persons", "web.persons_a_year"]],
};

/**
 * Render cards into `article`.
 *
 * @param {object[]} cards one or two `{selection, feature (may be missing), extra (the service's answer, or null), problem}`.
 * @param {object} context `features` (of their layer), `release`, `edition`, `attribution` (texts), `parentName(code)`,
 *   `linkTo(selection)` (an address), `deskParts(extra)`, `onSelect(selection)`, `onBack()`, `onRetry(selection)`, `onShow()`,
 *   `onCompare(selection or null)`, `signedIn`, `mapped` (whether there is a map to show it on).
 */
export function renderDetail(article, cards, context) {
  const { selection, feature, extra } = cards.at(-1);
  const pair = cards.length > 1;
  const briefs = !pair && feature && hasBrief(selection, feature.properties) ? briefsOf(selection, context) : [];
  const most = pair ? mostOf(selection.type, cards) : undefined;
  const more = [
    ...briefs.map((ending) => briefLink(selection.id, ending)),
    !pair && context.signedIn && selection.type === "area" && feature && extra ? quietButton(t("web.call"), () => showCalls(article)) : null,
    !pair && feature && COMPARED[selection.type] ? quietButton(t("web.compare"), () => context.onCompare(selection), { class: "quiet compare" }) : null,
  ];
  // On a phone whoever looks for help has the card first.
  const below = NARROW.matches && !context.signedIn;
  article.replaceChildren(
    el("p", { class: "row detail-bar" },
      quietButton(`← ${t("web.back")}`, context.onBack, { class: "quiet back" }),
      feature && featureBox(feature) && context.mapped ? quietButton(t("web.show_on_map"), context.onShow) : null,
      pair ? quietButton(t("web.compare_end"), () => context.onCompare(null), { class: "quiet compare" }) : null,
      ...(below ? [] : more)),
    ...(briefs.length > 0 ? aboutBriefs(briefs, context) : []),
    ...(pair ? comparison(selection.type, cards) : []),
    el("div", { class: pair ? "pair-of-cards" : null }, cards.map((card) => cardOf(card, { ...context, most, beside: cards }))),
    ...(below ? [el("p", { class: "row detail-bar" }, more)] : []),
    releaseLine(context.release),
  );
}

/** Bring whom to call into view: on a desk's card that stands below numbers and reasons. */
function showCalls(article) {
  const heading = [...article.querySelectorAll("h3")].find(({ textContent }) => textContent === t("web.call"));
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start" });
}

/** Places that the service writes a brief on. */
const hasBrief = (selection, { level, country }) => ({
  area: level === "province" || level === "regency", terminal: country === "ID", corridor: !isNamed(selection),
})[selection.type] ?? false;

/** The brief that the reader's tier has and, for who is signed in, the one of an area that may be handed on. */
const briefsOf = ({ type }, { signedIn }) => (signedIn && type === "area" ? ["&public=true", ""] : [""]);

/** Which brief is for whom, and who approved what it rests on, or how that is recorded: not for the paper itself. */
function aboutBriefs(briefs, { edition, signedIn }) {
  const approval = edition?.approval;
  const waits = approval && approval.embargo > new Date().toISOString();
  const said = [
    briefs.length > 1 ? t("web.brief_which") : null,
    waits ? t("web.brief_embargo", { office: approval.office, day: day(approval.embargo) }) : null,
    approval && !waits ? t("web.approved", { ...approval, date: day(approval.date) }) : null,
    edition && !approval && signedIn ? t("web.brief_not_approved") : null,
  ].filter(Boolean);
  return said.length > 0 ? [el("p", { class: "hint detail-bar" }, said.join(" "))] : [];
}

/** The brief that the reader's tier has, or the one that anybody has. */
const briefLink = (id, more = "") => el("a", {
  class: "button", download: "", href: new URL(`v1/documents/briefs/${encodeURIComponent(id)}?lang=${currentLanguage()}${more}`, ROOT).href,
}, t(more ? "web.brief_public" : "web.brief"));

/** A link to a place that chooses it here, and opens it in a tab of its own where the reader asks for that. */
const placeLink = (selection, name, { linkTo, onSelect }) => el("a", {
  href: linkTo(selection),
  onclick(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onSelect(selection);
  },
}, name);

/** Why there is no card. */
function missing(problem, { signedIn }) {
  if (problem && problem.status !== 404) return errorText(problem);
  return t(signedIn ? "web.not_found" : "web.sign_in_to_open");
}

function cardOf({ selection, feature, extra, problem }, context) {
  const link = (other, name) => placeLink(other, name, context);
  const body = feature ? BODIES[selection.type](feature, { ...context, extra, link, id: selection.id }) : [sentence(missing(problem, context))];
  const lacks = feature && problem ? el("div", { class: "problem", role: "alert" }, t("web.card_incomplete"), " ",
    quietButton(t("web.retry"), () => context.onRetry(selection))) : null;
  const card = el("section", { class: "card" }, [lacks, ...body].flat().filter(Boolean));
  card.querySelector("h2")?.setAttribute("data-key", `card-${selection.id}`);
  return card;
}

const estimates = (stem, cards) => cards
  .filter(({ feature }) => feature)
  .map(({ selection, feature }) => ({ name: nameOf(selection.type, feature), estimate: estimateOf(feature.properties, stem) }))
  .filter(({ estimate }) => estimate);

/** The end of the axis that two cards share; undefined where their numbers are not known. */
function mostOf(type, cards) {
  const ends = (COMPARED[type] ?? []).slice(0, 1).flatMap(([stem]) => estimates(stem, cards)).map(({ estimate }) => estimate.p95);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

/** Both numbers on one axis, and whether their order is sure. */
function comparison(type, cards) {
  const tables = (COMPARED[type] ?? []).map(([stem, key]) => [t(key), estimates(stem, cards)]).filter(([, rows]) => rows.length > 1);
  const [, rows] = tables[0] ?? [];
  return tables.length === 0 ? [] : [
    el("h2", { tabIndex: -1 }, t("web.comparison")),
    ...tables.flatMap(([title, both]) => [el("h3", {}, capital(title)), estimateTable(title, both)]),
    hint(t(overlap(rows) ? "web.compare_unsure" : "web.compare_sure")),
  ];
}

const overlap = ([{ estimate: one }, { estimate: other }]) => one.p05 <= other.p95 && other.p05 <= one.p95;

/** Above the lists: what the next choice is compared with; hidden without one. */
export function renderPinned(place, pinned, { feature, onEnd }) {
  place.hidden = !(pinned && feature);
  place.replaceChildren(...(place.hidden ? [] : [
    t("web.compare_choose", { name: nameOf(pinned.type, feature) }), " ",
    quietButton(t("web.cancel"), onEnd),
  ]));
}
