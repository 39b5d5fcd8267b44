/** What the cards of ports and corridors say of posts and checks, and of landings whose number is a part of their coast's. */

import { el, hint } from "../../static/ui/dom.js";
import { day, label, month, percent, t, whole } from "../../static/i18n/i18n.js";
import { table } from "../../static/ui/tables.js";

/** Whether a post stands today: its end, if it has one, is not over. */
export function isInForce({ until }) {
  return !until || until >= new Date().toISOString().slice(0, 10);
}

/** Posts of the service's answer about a port or corridor: those in force, then how many are over. */
export function postParts(extra) {
  if (!extra?.posts) return [];
  const { coast_landings: count } = extra.terminal ?? {};
  const standing = extra.posts.filter(isInForce);
  const over = extra.posts.length - standing.length;
  return [
    count > 1 ? el("p", {}, t("web_police.coast_share", { count })) : null,
    el("h3", {}, t("web_police.card_posts")),
    standing.length === 0 ? unposted(extra.terminal?.watched) : el("ul", { class: "plain" }, standing.map((post) => item(post, extra))),
    over > 0 ? hint(t("web_police.card_posts_over", { number: whole(over) })) : null,
  ];
}

/** That the number of a landing of a list is an equal part of its coast's; nothing where it has the coast alone. */
export const shareNotes = ({ coast_landings: count }) =>
  (count > 1 ? [el("span", { class: "item-note" }, t("web_police.coast_share_note", { count }))] : []);

/** Posts in force at a port of a list, each in a line; where none is on record but somebody watched, when last. */
export function portNotes(id, { posts, watches }) {
  const here = posts.filter((post) => post.terminal_id === id).map((post) => `${post.name}: ${facts(post).join("; ")}`);
  const [newest] = watches.get(id) ?? [];
  const said = here.length === 0 && newest ? [t("web_police.watched_note", { month: month(newest.until || newest.as_of) })] : here;
  return said.map((text) => el("span", { class: "item-note" }, text));
}

/** Where no post is on record: who is on record as having watched all the same, each in a line. */
function unposted(watches) {
  if (!watches?.length) return hint(t("web_police.card_no_posts"));
  return el("div", {}, hint(t("web_police.card_watched")), el("ul", { class: "plain" }, watches.map((watch) =>
    el("li", {}, watch.body, " ", el("small", {}, watchFacts(watch))))));
}

/** When somebody watched: from and until as the sources state it, and the month of the last report. */
export function watchFacts({ since: from, until, as_of: reported }) {
  return [
    from ? t("web_police.card_since", { since: month(from) }) : null,
    until ? t("web_police.card_until", { until: month(until) }) : null,
    t("web_police.card_reported", { month: month(reported) }),
  ].filter(Boolean).join("; ");
}

/** Checks at a port by year, beside what was stopped: the effort, whom it let go, and deferrals found wrong. */
export function checkParts(extra) {
  const years = extra?.terminal?.checks;
  if (!years?.length) return [];
  const ends = ({ p05, p95 }) => `${percent(p05)}–${percent(p95)}`;
  const share = (value) => (!value ? "–" : value.mean === null ? ends(value) : `${percent(value.mean)} (${ends(value)})`);
  const number = (name) => ({ title: t(`web_police.checks_${name}`), value: (row) => whole(row[name]), number: true });
  return [
    el("h3", {}, t("web_police.checks_title")),
    table(t("web_police.checks_title"), [
      { title: t("web_police.checks_year"), value: (row) => String(row.year) },
      ...["sailings", "passengers_seen", "checked", "interviewed", "deferred", "released", "referred", "wrongful_deferrals"].map(number),
      { title: t("web_police.checks_deferred_share"), value: (row) => share(row.deferred_share), number: true },
      { title: t("web_police.checks_wrongful_share"), value: (row) => share(row.wrongful_share), number: true },
    ], years),
    hint(t("web_police.checks_help")),
  ];
}

function item(post, { terminal }) {
  const said = [terminal ? null : post.terminal_name, ...facts(post)].filter(Boolean);
  return el("li", {}, post.name, " ", el("small", {}, said.join("; ")));
}

function facts(post) {
  return [
    post.since ? t("web_police.card_since", { since: since(post.since) }) : t("web_police.posts_start_unknown"),
    post.hours ? t("web_police.card_hours", { hours: whole(post.hours) }) : null,
    post.as_of ? t("web_police.card_as_of", { year: post.as_of.slice(0, 4) }) : null,
    post.officers ? t("web_police.card_officers", { officers: whole(post.officers) }) : null,
    ...(post.duties ?? "").split(";").filter(Boolean).map((duty) => label("duty", duty.trim())),
  ].filter(Boolean);
}

/** A day where it is known to the day, else as it stands. */
const since = (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? day(text) : text);
