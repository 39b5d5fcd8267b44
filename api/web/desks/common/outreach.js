/** The outreach plan: which villages to visit within the budget, and why. */

import { bar, el, hint, quietButton } from "../../static/ui/dom.js";
import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { currentLanguage, decimals, percent, persons, t, translated, whole } from "../../static/i18n/i18n.js";
import { numbered } from "../../static/map/overlay.js";
import { estimateText } from "../../static/ui/tables.js";
import { boxOf, costText, createPlanRoom, numberedLegend, rankedList } from "./plan-room.js";
import { areas, bases, nameIn, villages } from "./places.js";

const FIELDS = [
  "villages", "budget_idr", "days", "within", "per_regency", "radius_km", "radius_hours", "floor", "must", "forbidden",
  "cost_per_village_idr", "cost_per_day_idr", "base", "with_towns",
];
const COLOUR = "#0b4f5c";

/** A part by which another choice may be better that is written as nothing. */
const SMALLEST_GAP = 5e-5;

const plain = (value) => decimals(value, Number.isInteger(value) ? 0 : 1);
/** Villages that are listed in one piece. */
const MANY = 40;
/** Whether one of two areas is in the other. */
const nested = (a, b) => `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);
/** Whether areas are of several regencies, as far as their codes tell. */
const manyRegencies = (codes) => codes.length === 0 || codes.some((code) => code.length < 5 || !nested(code, codes[0].slice(0, 5)));

/** From where the visits set out, in a sentence; null where no village's way is known. */
function starts(rows) {
  const names = [...new Set(rows.map(({ base }) => base).filter(Boolean))].join(", ");
  return names ? el("p", {}, t("web_desk.outreach_starts", { names })) : null;
}

export function createOutreach(context) {
  const state = {
    limit: "villages", villages: "12", budget_idr: "", days: "", radiusIn: "km", radius_km: "5", radius_hours: "1",
    floor: "", per_regency: null, within: context.session().province ? [context.session().province] : ["53"], must: [], forbidden: [],
    cost_per_village_idr: "", cost_per_day_idr: "", base: [], with_towns: "",
  };
  let onMap = true;

  /** So few of one regency that all have their turn: what somebody typed instead stays. */
  const fewOfOne = () => {
    const regencies = areas(context, ["regency"]).filter(({ id }) => state.within.some((code) => nested(id, code))).length;
    return regencies > 0 ? String(Math.max(1, Math.ceil((typed(state.villages) ?? 1) / regencies))) : "";
  };

  function form(errors, redraw) {
    state.per_regency ??= fewOfOne() || null;
    const number = (key, more) => numberField(state, key, { id: `o-${key}`, label: t(`web_desk.outreach_${key}`), error: errors[key], min: 0, ...more });
    const places = (key, from, more = {}) =>
      placesField(state, key, { id: `o-${key}`, label: t(`web_desk.outreach_${key}`), error: errors[key], places: () => from(context), ...more });
    return [
      el("div", { class: "pair" },
        choiceField(state, "limit", {
          id: "o-limit", label: t("web_desk.limited_by"), onChange: redraw,
          options: ["villages", "budget_idr", "days"].map((key) => [key, t(`web_desk.limit_${key}`)]),
        }),
        number(state.limit, { min: state.limit === "villages" ? 1 : 0, step: state.limit === "villages" ? 1 : "any" })),
      places("within", areas, { clash: nested, hint: t("web_desk.outreach_within_hint") }),
      places("base", bases, { single: true, hint: t("web_desk.outreach_base_hint") }),
      number("per_regency", { min: 1, step: 1, hint: t("web_desk.outreach_per_regency_hint") }),
      el("div", { class: "pair" },
        choiceField(state, "radiusIn", {
          id: "o-radiusIn", label: t("web_desk.outreach_radius_in"), onChange: redraw,
          options: [["km", t("web_desk.outreach_radius_in_km")], ["hours", t("web_desk.outreach_radius_in_hours")]],
        }),
        number(`radius_${state.radiusIn}`)),
      el("details", { class: "more-options", open: more(errors) },
        el("summary", {}, t("web_desk.more_options")),
        number("floor", { max: 100, hint: t("web_desk.outreach_floor_hint") }),
        choiceField(state, "with_towns", {
          id: "o-with_towns", label: t("web_desk.outreach_with_towns"), error: errors.with_towns,
          options: [["", t("web_desk.outreach_towns_out")], ["yes", t("web_desk.outreach_towns_in")]],
        }),
        places("must", villages),
        places("forbidden", villages),
        el("div", { class: "pair" }, number("cost_per_village_idr"), number("cost_per_day_idr"))),
    ];
  }

  const more = (errors) => state.limit === "budget_idr" || state.with_towns !== "" || state.must.length + state.forbidden.length > 0 ||
    ["floor", "must", "forbidden", "cost_per_village_idr", "cost_per_day_idr"].some((key) => errors[key] || typed(state[key]) > 0);

  function body() {
    const errors = {};
    const limit = typed(state[state.limit]);
    if (!(limit > 0)) errors[state.limit] = t("web_desk.need_number");
    const floor = typed(state.floor);
    if (floor !== undefined && !(floor >= 0 && floor <= 100)) errors.floor = t("web_desk.need_percent");
    if (state.limit === "budget_idr" && !typed(state.cost_per_village_idr) && !typed(state.cost_per_day_idr)) {
      errors.cost_per_village_idr = t("web_desk.outreach_need_cost");
    }
    const both = state.must.filter((id) => state.forbidden.includes(id));
    if (both.length > 0) errors.forbidden = t("web_desk.in_both_lists", { name: nameIn(villages(context), both[0]) });
    if (Object.keys(errors).length > 0) return { errors };
    const radius = `radius_${state.radiusIn}`;
    return { body: {
      [state.limit]: limit,
      [radius]: typed(state[radius]),
      within: state.within,
      per_regency: manyRegencies(state.within) ? typed(state.per_regency) : undefined,
      floor: (floor ?? 0) / 100,
      must: state.must,
      forbidden: state.forbidden,
      cost_per_village_idr: typed(state.cost_per_village_idr),
      cost_per_day_idr: typed(state.cost_per_day_idr) ?? 0,
      base: state.base[0],
      with_towns: state.with_towns === "yes",
    } };
  }

  function arrived({ result }) {
    onMap = true;
    draw(result);
    context.bring(boxOf(result.villages), 9);
  }

  function draw(result) {
    if (!onMap) return context.draw([]);
    const tip = (row) => `${row.name} (${row.regency})`;
    context.draw(numbered(result.villages, { colour: COLOUR, tip }), {
      title: t("web_desk.outreach_heading"), rows: [numberedLegend(COLOUR, "web_desk.outreach_legend_stop")],
    }, ["areas"]);
  }

  function result({ result: plan }, redraw) {
    const least = plan.share_step ?? 0;
    const part = plan.share < least ? t("unit.less_than", { value: percent(least) }) : plan.share;
    const reached = plan.persons_covered
      ? t("web_desk.outreach_reached", { count: plan.villages.length, persons: estimateText(plan.persons_covered), share: part })
      : plan.share === null ? t("web_desk.outreach_village_count", { count: plan.villages.length })
        : t("web_desk.outreach_reached_share", { count: plan.villages.length, share: part });
    return [
      el("p", { class: "key-figure" }, reached),
      el("p", {}, t("web_desk.outreach_facts", {
        radius: plain(plan.radius_km), days: plain(plan.travel_days), served: whole(plan.excluded_served),
      }), " ", plan.gap < SMALLEST_GAP ? t("web_desk.outreach_best") : t("web_desk.outreach_gap", { gap: decimals(plan.gap * 100, 2) })),
      starts(plan.villages),
      costText("web_desk.outreach_cost", plan),
      ...(plan.notes ?? []).map((note) => el("p", {}, translated(note))),
      el("p", { class: "row actions" },
        quietButton(t(onMap ? "web_desk.hide_from_map" : "web.show_on_map"), () => {
          onMap = !onMap;
          draw(plan);
          redraw();
        }, { "aria-pressed": String(onMap) })),
      el("h3", {}, t("web_desk.outreach_list")),
      ...byPlace(plan.villages),
      ...regencies(plan),
      ...pretexts(plan),
    ].filter(Boolean);
  }

  /**
   * The villages in their order; where there are many folded by regency, or within one by district, that of the first
   * village first.
   */
  function byPlace(rows) {
    const list = (some) => rankedList(context, "settlement", some, stop);
    if (rows.length <= MANY) return [list(rows)];
    const several = rows.some((row) => row.regency !== rows[0].regency);
    const groups = new Map();
    for (const row of rows) {
      const name = (several ? null : row.district) ?? row.regency;
      groups.set(name, [...(groups.get(name) ?? []), row]);
    }
    return [...groups].map(([name, some]) => el("details", { class: "folded" },
      el("summary", {}, `${name} · ${t("web_desk.outreach_village_count", { count: some.length })}`), list(some)));
  }

  function stop(row) {
    // Beside villages with numbers; who sees none of any village has only the note.
    const amount = row.uncertain && row.persons_covered === null ? t("web.rate_unsure") : Number.isFinite(row.persons_covered)
      ? `${persons(row.persons_covered)} ${t("unit.persons_year")}`
      : Number.isFinite(row.share_covered) ? t("web_desk.outreach_share_of", { share: percent(row.share_covered) }) : "";
    return { kind: row.regency, amount, note: row[`reason_${currentLanguage()}`] ?? row.reason, mark: row.in_plans_said && translated(row.in_plans_said) };
  }

  /** What is on record from each regency, folded: who visits knows what to speak of. */
  function pretexts({ pretexts: rows = [] }) {
    const item = ({ text, check, said, near_said: near }) => el("li", {}, el("strong", {}, translated(text)), `: ${translated(check)} `,
      el("small", {}, `${translated(near)}: ${translated(said)}`));
    return rows.length === 0 ? [] : [
      el("h3", {}, t("web_desk.outreach_pretexts")),
      ...rows.map(({ name, pretexts: some }) => el("details", { class: "folded" }, el("summary", {}, name),
        some.length > 0 ? el("ul", { class: "plain" }, some.map(item)) : hint(t("web_desk.outreach_no_pretext")))),
    ];
  }

  function regencies(plan) {
    const rows = (plan.regencies ?? []).filter((row) => row.villages > 0 || row.share_covered > 0);
    if (!rows.some((row) => Number.isFinite(row.share_covered))) return [];
    return [
      el("h3", {}, t("web_desk.outreach_regencies")),
      el("ul", { class: "bars" }, rows.map((row) =>
        bar(row.name, row.share_covered ?? 0, `${row.uncertain ? t("web.rate_unsure") : percent(row.share_covered, { least: row.share_step ?? 0 })} · ${t("web_desk.outreach_village_count", { count: row.villages })}`))),
    ];
  }

  return createPlanRoom(context, {
    key: "outreach", title: "web_desk.outreach_plan", heading: "web_desk.outreach_heading", intro: "web_desk.outreach_intro", path: "v1/plans/outreach", fields: FIELDS,
    form, body, result, arrived, draw,
    layers: ["areas", "districts", "settlements", "terminals"],
    leave: () => context.draw([]),
  });
}
