/** The post plan: which terminals to staff so that most is intercepted once people react. */

import { ServiceError, fetchJson } from "../../static/app/data.js";
import { bar, el } from "../../static/ui/dom.js";
import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { has, percent, persons, score, t, whole } from "../../static/i18n/i18n.js";
import { layerPath } from "../../static/app/jobs.js";
import { VIEWS, changeLegend, changed, numbered } from "../../static/map/overlay.js";
import { estimateText, longTable, signed, table } from "../../static/ui/tables.js";
import { boxOf } from "../common/outreach.js";
import { createPlanRoom } from "../common/plan-room.js";
import { areas, terminals } from "../common/places.js";
import { segments } from "../common/shell.js";

const FIELDS = ["k", "budget_idr", "fixed", "forbidden", "costs", "within", "hours_per_week", "draws", "cvar"];
const COLOUR = "#16262c";

export function createPosts(context, { toScenario }) {
  const state = { limit: "k", k: "5", budget_idr: "", cost: "", fixed: [], forbidden: [], within: [], hours_per_week: "168", dear: [], prices: {} };
  let layer = null;
  let view = "change";

  function form(errors, redraw) {
    const places = (key, more = {}) => placesField(state, key, {
      id: `p-${key}`, label: t(`p_${key}`), error: errors[key], places: () => terminals(context), ...more,
    });
    const number = (key, more) => numberField(state, key, { id: `p-${key}`, label: t(`p_${key}`), error: errors[key], min: 0, ...more });
    const budget = state.limit === "budget_idr";
    return [
      el("div", { class: "pair" },
        choiceField(state, "limit", {
          id: "p-limit", label: t("p_limit"), onChange: redraw,
          options: [["k", t("p_limit_k")], ["budget_idr", t("p_limit_budget")]],
        }),
        budget ? number("budget_idr") : number("k", { min: 1, step: 1 })),
      places("fixed", { hint: t("p_fixedHint") }),
      places("forbidden"),
      el("details", { class: "more-options", open: budget || ["within", "hours_per_week", "costs"].some((key) => errors[key]) || state.within.length > 0 },
        el("summary", {}, t("moreOptions")),
        numberField(state, "cost", { id: "p-cost", label: t("p_cost"), hint: t("p_costHint"), error: errors.costs, min: 0 }),
        placesField(state, "dear", {
          id: "p-dear", label: t("p_dear"), places: () => terminals(context), onChange: redraw,
        }),
        state.dear.map((id) => numberField(state.prices, id, {
          id: `p-price-${id}`, label: t("p_price", { name: terminals(context).find((place) => place.id === id)?.name ?? id }), min: 0,
        })),
        places("within", { one: true, places: () => areas(context) }),
        number("hours_per_week", { max: 168, hint: t("p_hoursHint") })),
    ];
  }

  function body() {
    const errors = {};
    const limit = typed(state[state.limit]);
    if (!(limit > 0)) errors[state.limit] = t("needNumber");
    const cost = typed(state.cost);
    const costs = costsOf(cost);
    if (state.limit === "budget_idr" && cost === undefined) errors.costs = t("p_needCost");
    if (state.fixed.some((id) => state.forbidden.includes(id))) errors.forbidden = t("inBothLists");
    const hours = typed(state.hours_per_week);
    if (!(hours >= 0 && hours <= 168)) errors.hours_per_week = t("p_needHours");
    if (Object.keys(errors).length > 0) return { errors };
    return { body: {
      [state.limit]: limit, fixed: state.fixed, forbidden: state.forbidden, within: state.within[0],
      hours_per_week: hours, ...(cost === undefined ? {} : { costs }),
    } };
  }

  /** One price for every terminal that may be chosen, and the ones that differ. */
  function costsOf(cost) {
    const [within] = state.within;
    const may = terminals(context).filter(({ code }) => !within || code === within || code.startsWith(`${within}.`));
    return Object.fromEntries(may.map(({ id }) => [id, (state.dear.includes(id) ? typed(state.prices[id]) : undefined) ?? cost]));
  }

  async function arrived(job) {
    layer = null;
    view = "change";
    context.showOnly(["terminals"]);
    draw(job.result);
    try {
      const found = await fetchJson(layerPath(job.id));
      layer = found.features.map(({ properties, geometry }) => ({ ...properties, lon: geometry.coordinates[0], lat: geometry.coordinates[1] }));
      draw(job.result);
      context.bring(boxOf([...job.result.posts, ...moved(layer).slice(0, 12)]), 8);
    } catch (error) {
      // The tables say the same; only a fault of the service is worth the console's attention.
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  function draw(plan) {
    if (view === "none") return context.draw([], null);
    const rows = layer ?? [];
    const legend = changeLegend(rows, view);
    const disc = el("span", { class: "disc", "aria-hidden": "true" }, "1");
    disc.style.background = COLOUR;
    const tip = (row) => t("p_tip", { name: row.name, persons: persons(row.marginal_persons) });
    const posts = numbered(plan.posts, { colour: COLOUR, tip });
    context.draw([...changed(rows, view), ...posts], { ...legend, rows: [[disc, t("p_legend")], ...legend.rows] });
  }

  function result({ result: plan }, redraw) {
    const staff = (row) => (row.staffed_by ?? []).map((who) => (has(`staff_${who}`) ? t(`staff_${who}`) : who)).join(", ") || t("staffUnknown");
    const views = [...VIEWS.map((name) => [name, t(`view_${name}`)]), ["none", t("view_none")]];
    return [
      el("p", { class: "key-figure" }, t("p_intercepted", {
        persons: estimateText(plan.interception.persons), share: percent(plan.interception.share),
      })),
      Number.isFinite(plan.cost) ? el("p", {}, [
        t("p_costAll", { cost: whole(plan.cost) }),
        Number.isFinite(plan.cost_per_person) ? t("costPerPerson", { cost: whole(plan.cost_per_person) }) : "",
      ].join(" ")) : null,
      el("h3", {}, t("p_posts")),
      el("ol", { class: "ranked" }, plan.posts.map((row, i) => el("li", {},
        el("span", { class: "rank" }, String(i + 1)),
        el("div", {},
          el("button", { type: "button", class: "item", onclick: () => context.bring([[row.lon, row.lat], [row.lon, row.lat]], 9) },
            el("span", { class: "item-name" }, row.name, " ", el("small", {}, has(`kind_${row.kind}`) ? t(`kind_${row.kind}`) : row.kind)),
            el("span", { class: "item-facts" }, t("p_adds", { persons: persons(row.marginal_persons) }))),
          el("small", {}, t("p_staff", { who: staff(row) })))))),
      el("p", { class: "row actions" }, el("button", { type: "button", class: "quiet", onclick: () => toScenario(plan.posts, typed(state.hours_per_week)) }, t("p_toScenario"))),
      el("h3", {}, t("p_promise")),
      el("p", { class: "hint" }, t("p_promiseHelp")),
      promise(plan),
      el("h3", {}, t("p_moves")),
      el("p", { class: "hint" }, t("p_movesHelp")),
      segments(t("p_moves"), views, view, (name) => {
        view = name;
        draw(plan);
        redraw();
      }),
      longTable(t("p_moves"), [
        { title: t("terminalColumn"), value: (row) => row.name },
        { title: t("view_before"), value: (row) => persons(row.before), number: true },
        { title: t("view_after"), value: (row) => persons(row.after), number: true },
        { title: t("view_change"), value: (row) => signed(row.after - row.before), number: true },
      ], moved(plan.displacement), 8),
      el("h3", {}, t("p_others")),
      plan.alternatives.length === 0 ? el("p", { class: "hint" }, t("p_noOthers")) : table(t("p_others"), [
        { title: t("p_posts"), value: (row) => row.posts.map((post) => post.name).join(", ") },
        { title: t("perYear"), value: (row) => persons(row.persons), number: true },
        { title: t("shareColumn"), value: (row) => percentOne(row.share), number: true },
      ], plan.alternatives),
    ].filter(Boolean);
  }

  function promise({ blind, interception }) {
    const most = Math.max(blind.promised_share, blind.delivered_share, interception.share, 1e-9);
    const row = (key, share, kind) => {
      const item = bar(t(key), share / most, percentOne(share));
      if (kind) item.classList.add(kind);
      return item;
    };
    return el("ul", { class: "bars promise" },
      row("p_blindPromised", blind.promised_share),
      row("p_blindDelivered", blind.delivered_share),
      row("p_planDelivers", interception.share, "delivered"));
  }

  return createPlanRoom(context, {
    key: "plan", title: "postPlan", heading: "postHeading", intro: "postIntro", path: "v1/plans/posts", fields: FIELDS,
    form, body, result, arrived, draw, leave: () => context.draw([], null),
  });
}

const percentOne = (share) => `${score(share * 100)}%`;
const moved = (rows) => [...rows].sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
