/** The post plan: which terminals to staff to intercept most once travellers adapt. */

import { ServiceError, fetchJson } from "../../static/app/data.js";
import { bar, el, hint, quietButton } from "../../static/ui/dom.js";
import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { label, percent, persons, t, translated } from "../../static/i18n/i18n.js";
import { layerPath } from "../../static/app/jobs.js";
import { changeLegend, changed, numbered, viewOptions } from "../../static/map/overlay.js";
import { estimateText, longTable, signed, table } from "../../static/ui/tables.js";
import { boxOf, costText, createPlanRoom, numberedLegend, rankedList } from "../common/plan-room.js";
import { areas, nameIn, terminals } from "../common/places.js";
import { watchFacts } from "./cards.js";
import { consentText } from "./consents.js";
import { segments } from "../common/shell.js";
import { smallMaps } from "../common/small-maps.js";

const FIELDS = ["k", "budget_idr", "fixed", "forbidden", "costs", "within", "hours_per_week", "draws", "cvar"];
const COLOUR = "#16262c";

/** Terminals where the session's police may plan posts: of its own province, or all. */
function postPlaces(context) {
  const { province } = context.session();
  const every = terminals(context);
  return province ? every.filter(({ code }) => code.startsWith(`${province}.`)) : every;
}

/** `toScenario(posts, hours)` takes them into the room of scenarios; false where those have no posts. */
export function createPosts(context, { toScenario }) {
  const { province } = context.session();
  const state = { limit: "k", k: "5", budget_idr: "", cost: "", fixed: [], forbidden: [], within: province ? [province] : [], hours_per_week: "168", dear: [], prices: {} };
  let layer = null;
  let view = "change";
  /** Which of the small maps stands on the large one. */
  let shown = "plan";

  function form(errors, redraw) {
    const places = (key, more = {}) => placesField(state, key, {
      id: `p-${key}`, label: t(`web_police.posts_${key}`), error: errors[key], places: () => postPlaces(context), ...more,
    });
    const number = (key, more) => numberField(state, key, { id: `p-${key}`, label: t(`web_police.posts_${key}`), error: errors[key], min: 0, ...more });
    const budget = state.limit === "budget_idr";
    return [
      el("div", { class: "pair" },
        choiceField(state, "limit", {
          id: "p-limit", label: t("web_desk.limited_by"), onChange: redraw,
          options: [["k", t("web_police.posts_limit_k")], ["budget_idr", t("web_desk.limit_budget_idr")]],
        }),
        budget ? number("budget_idr") : number("k", { min: 1, step: 1 })),
      places("within", { single: true, places: () => areas(context), hint: t("web_police.posts_within_hint") }),
      places("fixed", { hint: t("web_police.posts_fixed_hint") }),
      places("forbidden"),
      el("details", { class: "more-options", open: budget || ["hours_per_week", "costs"].some((key) => errors[key]) },
        el("summary", {}, t("web_desk.more_options")),
        numberField(state, "cost", { id: "p-cost", label: t("web_police.posts_cost"), hint: t("web_police.posts_cost_hint"), error: errors.costs, min: 0 }),
        placesField(state, "dear", {
          id: "p-dear", label: t("web_police.posts_other_costs"), places: () => postPlaces(context), onChange: redraw,
        }),
        state.dear.map((id) => numberField(state.prices, id, {
          id: `p-price-${id}`, label: t("web_police.posts_price", { name: nameIn(postPlaces(context), id) }), min: 0,
        })),
        number("hours_per_week", { max: 168, hint: t("web_police.posts_hours_hint") })),
    ];
  }

  function body() {
    const errors = {};
    const limit = typed(state[state.limit]);
    if (!(limit > 0)) errors[state.limit] = t("web_desk.need_number");
    const cost = typed(state.cost);
    const costs = costsOf(cost);
    if (state.limit === "budget_idr" && cost === undefined) errors.costs = t("web_police.posts_need_cost");
    const both = state.fixed.find((id) => state.forbidden.includes(id));
    if (both) errors.forbidden = t("web_desk.in_both_lists", { name: nameIn(postPlaces(context), both) });
    const hours = typed(state.hours_per_week);
    if (!(hours >= 0 && hours <= 168)) errors.hours_per_week = t("web_police.posts_need_hours");
    if (Object.keys(errors).length > 0) return { errors };
    return { body: {
      [state.limit]: limit, fixed: state.fixed, forbidden: state.forbidden, within: state.within[0],
      hours_per_week: hours, ...(cost === undefined ? {} : { costs }),
    } };
  }

  /** Costs of all candidate terminals: one for all, except those with a cost of their own. */
  function costsOf(cost) {
    const [within] = state.within;
    const candidates = postPlaces(context).filter(({ code }) => !within || code === within || code.startsWith(`${within}.`));
    return Object.fromEntries(candidates.map(({ id }) => [id, (state.dear.includes(id) ? typed(state.prices[id]) : undefined) ?? cost]));
  }

  async function arrived(job) {
    layer = null;
    view = "change";
    shown = "plan";
    draw(job.result);
    context.bring(boxOf(job.result.posts), 8);
    if (waits(job)) return;
    try {
      const { features } = await fetchJson(layerPath(job.id));
      layer = features.map(({ properties, geometry }) => ({ ...properties, lon: geometry.coordinates[0], lat: geometry.coordinates[1] }));
      draw(job.result);
    } catch (error) {
      // The tables hold the same numbers; only other faults go to the console.
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  function draw(plan) {
    if (view === "none") return context.draw([]);
    // What moves is that of the plan, not of an alternative.
    const rows = shown === "plan" ? (layer ?? []) : [];
    const legend = changeLegend(rows, view);
    const tip = (row) => (Number.isFinite(row.added_persons)
      ? t("web_police.posts_tip", { name: row.name, persons: persons(row.added_persons) }) : row.name);
    const { places } = pictures(plan).find(({ key }) => key === shown);
    const posts = numbered(places.map((place) => ({ ...place, rank: place.number ?? "" })), { colour: COLOUR, tip });
    const sign = numberedLegend(COLOUR, "web_police.posts_legend");
    const group = rows.length > 0 ? { ...legend, rows: [sign, ...legend.rows] } : { title: t("web_police.posts_list"), rows: [sign] };
    context.draw([...changed(rows, view), ...posts], group, ["terminals"]);
  }

  /** What stands, the plan, and each alternative, with the places of each; the plan's are numbered as in its list. */
  function pictures(plan) {
    const numbers = numbersOf(plan);
    const place = ({ id, name, lon, lat, ...row }) => {
      const [lng, latitude] = context.library.locate(id) ?? [];
      return { ...row, id, name, number: numbers.get(id), lon: lon ?? lng, lat: lat ?? latitude };
    };
    const stopped = plan.interception.persons.mean;
    return [
      { key: "standing", title: t("web_police.posts_standing"), facts: t("web_police.posts_count", { count: plan.in_force.length }), places: plan.in_force.map((row) => ({ ...place(row), number: undefined })) },
      { key: "plan", title: t("web_police.posts_list"), facts: t("web_police.posts_adds", { persons: persons(stopped) }), places: plan.posts.map(place) },
      ...plan.alternatives.map((row, i) => ({
        key: `other-${i + 1}`, title: `${t("web_police.posts_other", { number: i + 1 })} · ${label("post_action", row.action)}`,
        facts: t("web_police.posts_less", { persons: signed(row.persons - stopped) }), places: row.posts.map(place),
      })),
    ];
  }

  const waits = ({ consent }) => consent?.by === null;

  function result(job, redraw) {
    const { result: plan, consent } = job;
    const upTo = (row) => plan.posts.slice(0, plan.posts.indexOf(row) + 1).reduce((sum, post) => sum + post.added_persons, 0);
    const staff = (row) => (row.staffed_by ?? []).map((office) => label("staff", office)).join(", ") || t("web_police.staff_unknown");
    return [
      el("p", { class: "hint", role: "status" }, consentText(job, "web_police.consent_waiting", context)),
      el("p", { class: "key-figure" }, t("web_police.posts_intercepted", {
        persons: estimateText(plan.interception.persons), share: plan.interception.share,
      })),
      ofProvince(plan),
      costText("web_police.posts_cost_all", plan),
      smallMaps(t("web_police.posts_maps"), pictures(plan), shown, (key) => {
        shown = key;
        draw(plan);
        redraw();
        document.querySelector(`[data-map="${key}"]`)?.focus();
      }),
      el("h3", {}, t("web_police.posts_list")),
      hint(t("web_police.posts_list_help")),
      rankedList(context, "terminal", plan.posts, (row) => ({
        kind: label("kind", row.kind),
        amount: t("web_police.posts_adds_to", { persons: persons(row.added_persons), sum: persons(upTo(row)) }),
        note: [t("web_police.posts_staff", { who: staff(row) }), ...row.watched.map((watch) => t("web_police.posts_watched", { who: watch.body, when: watchFacts(watch) }))].join(". "),
      })),
      toScenario && el("p", { class: "row actions" }, quietButton(t("web_police.posts_to_scenario"), () => toScenario(plan.posts, typed(state.hours_per_week)))),
      el("h3", {}, t("web_police.posts_promise")),
      hint(t("web_police.posts_promise_help")),
      promise(plan),
      plan.blind.delivered_share > plan.interception.share ? hint([t("web_police.posts_blind_better"), ...said(plan.regret_said)].join(" ")) : null,
      ...(waits({ consent }) ? [] : movements(plan, redraw)),
      el("h3", {}, t("web_police.posts_others")),
      plan.alternatives.length === 0 ? hint(t("web_police.posts_no_others")) : hint(t("web_police.posts_others_help")),
      plan.alternatives.length === 0 ? null : table(t("web_police.posts_others"), [
        { title: t("web_police.posts_list"), value: (row) => row.posts.map((post) => `${numbersOf(plan).get(post.id)}. ${post.name}`).join(", ") },
        { title: t("unit.persons_year"), value: (row) => persons(row.persons), number: true },
        { title: t("web_police.share_column"), value: (row) => percentOne(row.share), number: true },
        { title: t("web_police.posts_action"), value: (row) => label("post_action", row.action) },
      ], plan.alternatives),
      ...(plan.regret ?? []).length === 0 ? [] : [
        el("h3", {}, t("web_police.posts_regret")),
        ...said(plan.regret_said).map((line) => el("p", {}, line)),
        hint(t("web_police.posts_regret_help")),
        el("ul", { class: "bars" }, plan.regret.map((at) =>
          bar(t("web_police.posts_hours", { hours: at.deterrence_h }), 1 - at.regret_share, percentOne(1 - at.regret_share)))),
      ],
      ...(plan.in_force ?? []).length === 0 ? [] : [
        el("h3", {}, t("web_police.posts_standing")),
        longTable(t("web_police.posts_standing"), [
          { title: t("web_police.scenario_terminal"), value: (row) => row.name },
          { title: t("web_police.posts_since"), value: (row) => row.since ?? t("web_police.posts_start_unknown") },
        ], plan.in_force, 8),
      ],
    ].filter(Boolean);
  }

  /** Where flow moves, on the map and as a table. */
  function movements(plan, redraw) {
    return [
      el("h3", {}, t("web_police.posts_moves")),
      ...said(plan.displacement_said).map((line) => el("p", {}, line)),
      hint(t("web_police.posts_moves_help")),
      segments(t("web_police.posts_moves"), viewOptions(), view, (name) => {
        view = name;
        draw(plan);
        redraw();
      }),
      longTable(t("web_police.posts_moves"), [
        { title: t("web_police.scenario_terminal"), value: (row) => row.name },
        { title: t("web_desk.view_before"), value: (row) => persons(row.before), number: true },
        { title: t("web_desk.view_after"), value: (row) => persons(row.after), number: true },
        { title: t("web_desk.view_change"), value: (row) => signed(row.after - row.before), number: true },
      ], moved(plan.displacement), 8),
    ];
  }

  /** What a plan intercepts against the departures of the province where all of its posts stand; null where there is no such. */
  function ofProvince({ posts, interception }) {
    const codes = new Set(posts.map(({ id }) => context.library.get("terminals", id)?.properties.area_code?.slice(0, 2)));
    const province = codes.size === 1 ? context.library.get("areas", [...codes][0])?.properties : null;
    const departures = province?.departures_mean;
    return departures > 0 ? el("p", {}, t("web_police.posts_of_province", {
      share: interception.persons.mean / departures, persons: persons(departures), area: province.name,
    })) : null;
  }

  function promise({ blind, interception }) {
    // All shares are of the same departures.
    const everyone = interception.share > 0 ? interception.persons.mean / interception.share : 0;
    const most = Math.max(blind.promised_share, blind.delivered_share, interception.share, 1e-9);
    const row = (key, share, kind) => {
      const item = bar(t(key), share / most, t("web_police.posts_adds", { persons: persons(share * everyone) }));
      if (kind) item.classList.add(kind);
      return item;
    };
    return el("ul", { class: "bars promise" },
      row("web_police.posts_blind_promised", blind.promised_share),
      row("web_police.posts_blind_delivered", blind.delivered_share),
      row("web_police.posts_plan_delivers", interception.share, "delivered"));
  }

  return createPlanRoom(context, {
    key: "plan", title: "web_police.posts_plan", heading: "web_police.posts_heading", intro: "web_police.posts_intro", path: "v1/plans/posts", fields: FIELDS,
    form, body, result, arrived, draw, waits, layers: ["areas", "terminals"], leave: () => context.draw([]),
  });
}

/** Numbers of terminals by id: the plan's in its order, then those of its alternatives. */
const numbersOf = ({ posts, alternatives }) =>
  new Map([...new Set([...posts, ...alternatives.flatMap((row) => row.posts)].map(({ id }) => id))].map((id, i) => [id, i + 1]));

/** What the service says in words; a plan of an older service has none. */
const said = (lines = []) => lines.map(translated);
const percentOne = (share) => percent(share, { digits: 1 });
const moved = (rows) => [...rows].sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
