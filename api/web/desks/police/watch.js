/** The watch plan: the hours an office has, spread over terminals, sailings and weeks; a sheet for each shift. */

import { ROOT } from "../../static/app/data.js";
import { el, hint, quietButton } from "../../static/ui/dom.js";
import { numberField, placesField, textField, typed } from "../../static/ui/forms.js";
import { currentLanguage, day, label, percent, score, t, translated, whole } from "../../static/i18n/i18n.js";
import { estimateText, longTable, table } from "../../static/ui/tables.js";
import { numbered } from "../../static/map/overlay.js";
import { areas } from "../common/places.js";
import { boxOf, createPlanRoom, numberedLegend } from "../common/plan-room.js";
import { consentText } from "./consents.js";

const FIELDS = [
  "hours", "persons", "watch_hours", "travel_hours", "boats", "litres", "litres_per_hour", "agencies", "within", "weeks", "start", "unwatched_share",
  "rotation_share", "most_weeks_share", "calls", "seed", "draws",
];
/** Fields that hold a number: where they stand, their least and most, and what stands there first. */
const NUMBERS = {
  hours: [1, 20_000, "120"], persons: [1, 50, "2"], weeks: [1, 12, "4"], watch_hours: [1, 24, "4"], travel_hours: [0, 48, "0"],
  boats: [0, 50, "0"], litres: [0, 1e6, "0"], litres_per_hour: [1, 1000, "25"],
};
const MORE = ["boats", "litres", "litres_per_hour", "unwatched", "agencies", "start", "calls", "seed"];
const COLOUR = "#16262c";

export function createWatch(context) {
  const state = { within: [], unwatched: "", agencies: "", start: "", calls: "", seed: "" };
  for (const [name, [, , first]] of Object.entries(NUMBERS)) state[name] = first;
  let week = null;

  const waits = ({ consent }) => consent?.by === null;

  function form(errors) {
    const number = (key) => numberField(state, key, {
      id: `w-${key}`, label: t(`web_police.watch_${key}`), error: errors[key], min: NUMBERS[key][0], max: NUMBERS[key][1], step: "any",
    });
    const text = (key, more = {}) => textField(state, key, { id: `w-${key}`, label: t(`web_police.watch_${key}`), error: errors[key], ...more });
    return [
      el("div", { class: "pair" }, number("hours"), number("persons")),
      el("div", { class: "pair" }, number("watch_hours"), number("travel_hours")),
      number("weeks"),
      placesField(state, "within", { id: "w-within", label: t("web_police.posts_within"), error: errors.within, places: () => areas(context), single: true }),
      el("details", { class: "more-options", open: MORE.some((key) => errors[key]) },
        el("summary", {}, t("web_desk.more_options")),
        el("div", { class: "pair" }, number("boats"), number("litres")),
        number("litres_per_hour"),
        numberField(state, "unwatched", {
          id: "w-unwatched", label: t("web_police.watch_unwatched"), hint: t("web_police.watch_unwatched_hint"), error: errors.unwatched_share, min: 0, max: 100,
        }),
        text("agencies", { hint: t("web_police.watch_agencies_hint") }),
        text("start", { hint: t("web_police.watch_start_hint") }),
        text("calls", { hint: t("web_police.watch_calls_hint"), maxLength: 2000 }),
        text("seed", { hint: t("web_police.watch_seed_hint") })),
    ];
  }

  function body() {
    const errors = {};
    const numbers = {};
    for (const [name, [least, most]] of Object.entries(NUMBERS)) {
      numbers[name] = typed(state[name]);
      if (!(numbers[name] >= least && numbers[name] <= most)) errors[name] = t("web_police.watch_between", { least, most });
    }
    const calls = callsOf(state.calls);
    if (calls === null) errors.calls = t("web_police.watch_calls_wrong");
    if (Object.keys(errors).length > 0) return { errors };
    const percentage = typed(state.unwatched);
    const seed = typed(state.seed);
    const agencies = state.agencies.split(";").map((name) => name.trim()).filter(Boolean);
    return { body: {
      ...numbers, within: state.within[0], agencies, calls,
      ...(percentage === undefined ? {} : { unwatched_share: percentage / 100 }),
      ...(seed === undefined ? {} : { seed }),
      ...(state.start.trim() ? { start: state.start.trim() } : {}),
    } };
  }

  function arrived(job) {
    week = null;
    draw(job.result);
    context.bring(boxOf(job.result.terminals), 8);
  }

  function draw(plan) {
    const places = plan.terminals.map((row, i) => ({ ...row, rank: i + 1 }));
    const tip = (row) => (row.shifts === null ? row.name : t("web_police.watch_tip", { name: row.name, shifts: row.shifts }));
    context.draw(numbered(places, { colour: COLOUR, tip }),
      { title: t("web_police.watch_places"), rows: [numberedLegend(COLOUR, "web_police.watch_legend")] }, ["terminals"]);
  }

  /** What a plan of one week tells only after the second consent. */
  const told = (value, say) => (value === null ? "–" : say(value));
  const found = (value) => estimateText(value, score);

  function result(job, redraw) {
    const { result: plan } = job;
    return [
      el("p", { class: "hint", role: "status" }, consentText(job, "web_police.watch_waiting", context)),
      el("p", { class: "key-figure" }, t("web_police.watch_found", { persons: found(plan.persons_per_week) })),
      el("p", {}, t("web_police.watch_compared", {
        evenly: found(plan.evenly), name: plan.at_largest.name, largest: found(plan.at_largest.persons_per_week),
      })),
      el("p", {}, t("web_police.watch_shares", { most: percent(plan.most_weeks_share), unwatched: percent(plan.unwatched_share) })),
      el("h3", {}, t("web_police.watch_places")),
      table(t("web_police.watch_places"), [
        { title: t("web_police.watch_place"), value: (row) => `${plan.terminals.indexOf(row) + 1}. ${row.name}` },
        { title: t("web_police.watch_shifts"), value: (row) => told(row.shifts, whole), number: true },
        { title: t("web_police.watch_found_each"), value: (row) => found(row.persons_per_week), number: true },
        { title: t("web_police.watch_hours_each"), value: (row) => told(row.hours_per_week, score), number: true },
        { title: t("web_police.watch_weeks_watched"), value: (row) => told(row.weeks, whole), number: true },
      ], plan.terminals),
      ...(waits(job) ? [] : roster(job, plan, redraw)),
      ...plan.notes.map((note) => hint(translated(note))),
    ];
  }

  /** The shifts of one week at a time; each with the sheet that its leader reads. */
  function roster(job, plan, redraw) {
    const weeks = [...new Set(plan.roster.map((shift) => shift.week))];
    week = weeks.includes(week) ? week : weeks[0];
    return [
      el("h3", {}, t("web_police.watch_roster")),
      el("p", { class: "row", role: "group", "aria-label": t("web_police.watch_weeks_choose") }, weeks.map((monday) => quietButton(day(monday), () => {
        week = monday;
        redraw();
        document.querySelector(`[data-week="${monday}"]`)?.focus();
      }, { "aria-pressed": String(monday === week), "data-week": monday }))),
      longTable(t("web_police.watch_roster"), [
        { title: t("web_police.watch_sheet"), value: (row) => el("a", { href: sheetOf(job.id, row.number), download: "" }, t("web_police.watch_sheet_of", { number: row.number })) },
        { title: t("web_police.watch_place"), value: (row) => row.terminal.name },
        { title: t("web_police.watch_day"), value: (row) => (row.day ? weekday(row) : t("web_police.watch_when_asked")) },
        { title: t("web_police.watch_ship"), value: shipOf },
      ], plan.roster.filter((shift) => shift.week === week), 20),
      el("p", { class: "hint" }, t("web_police.watch_seed_is", { seed: String(plan.seed) })),
    ];
  }

  return createPlanRoom(context, {
    key: "watch", title: "web_police.watch_plan", heading: "web_police.watch_heading", intro: "web_police.watch_intro", path: "v1/plans/watch", fields: FIELDS,
    form, body, result, arrived, draw, waits, layers: ["areas", "terminals"], leave: () => context.draw([]),
  });
}

const sheetOf = (id, shift) =>
  new URL(`v1/jobs/${encodeURIComponent(id)}/shift.pdf?${new URLSearchParams({ shift, lang: currentLanguage() })}`, ROOT).href;

/** Weeks in which each ship calls, as in S016 1; S016 3. Null where a part is no ship and week. */
function callsOf(typed) {
  const calls = {};
  for (const part of typed.split(/[;,\n]/).map((words) => words.trim()).filter(Boolean)) {
    const [, id, week] = /^\[?([^\s\]]+)\]?\s+(\d{1,2})$/.exec(part) ?? [];
    if (!id) return null;
    (calls[id] ??= []).push(Number(week));
  }
  return calls;
}

/** The drawn day of a shift in words. */
function weekday({ week, day: number }) {
  const date = new Date(week);
  date.setUTCDate(date.getUTCDate() + number - 1);
  return new Intl.DateTimeFormat(currentLanguage(), { weekday: "long", timeZone: "UTC" }).format(date);
}

/** The ship of a shift; of one for all traffic how often anything leaves. */
function shipOf({ sailing, often, services: [ship] }) {
  if (!sailing) return translated(often);
  return `${ship.line || label("mode", ship.mode)} – ${ship.to} [${ship.id}] (${translated(often)})`;
}
