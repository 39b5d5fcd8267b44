/** Changes of the network, which only this desk can try: posts, and legs between terminals. */

import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { persons, t, title } from "../../static/i18n/i18n.js";
import { legs, modes, terminals } from "../common/places.js";

/** Kinds of change in the form that `change-kinds.js` describes. */
export function networkChanges(context) {
  const terminalName = (id) => terminals(context).find((place) => place.id === id)?.name ?? id;
  const terminal = (state, key, errors) => placesField(state, key, {
    id: `s-${key}`, label: t(`web_police.scenario_${key}`), error: errors[key], single: true, places: () => terminals(context),
  });
  const number = (state, key, errors, more) => numberField(state, key, {
    id: `s-${key}`, label: t(`web_police.scenario_${key}`), error: errors[key], min: 0, ...more,
  });

  return [
    {
      key: "post",
      title: "web_police.scenario_kind_post",
      part: "posts",
      start: () => ({ change: "add", terminal: [], hours_per_week: "84" }),
      fields: (state, errors, redraw) => [
        choiceField(state, "change", {
          id: "s-change", label: t("web_desk.view_change"), onChange: redraw,
          options: ["add", "remove", "restaff"].map((name) => [name, t(`web_police.scenario_post_${name}`)]),
        }),
        terminal(state, "terminal", errors),
        state.change === "remove" ? null : number(state, "hours_per_week", errors, { label: t("web_police.posts_hours_per_week"), max: 168, hint: t("web_police.posts_hours_hint") }),
      ],
      entry(state) {
        const hours = typed(state.hours_per_week);
        if (state.terminal.length === 0) return { errors: { terminal: t("web_desk.need_place") } };
        if (state.change !== "remove" && !(hours >= 0 && hours <= 168)) return { errors: { hours_per_week: t("web_police.posts_need_hours") } };
        const entry = { terminal: state.terminal[0], change: state.change };
        return { entry: state.change === "remove" ? entry : { ...entry, hours_per_week: hours } };
      },
      summary: ({ terminal: id, change, hours_per_week: hours }) =>
        t(`web_police.scenario_summary_post_${change ?? "add"}`, { name: terminalName(id), hours: hours ?? 168 }),
    },
    {
      key: "leg",
      title: "web_police.scenario_kind_leg",
      part: "legs",
      start: () => ({ change: "close", leg: [], from: [], to: [], mode: "passenger_ship", departures_per_week: "1", hours: "" }),
      prepare: () => context.library.load("legs"),
      fields: (state, errors, redraw) => [
        choiceField(state, "change", {
          id: "s-change", label: t("web_desk.view_change"), onChange: redraw,
          options: ["close", "sailings", "open"].map((name) => [name, t(`web_police.scenario_leg_${name}`)]),
        }),
        ...(state.change === "open"
          ? [
            terminal(state, "from", errors),
            terminal(state, "to", errors),
            choiceField(state, "mode", { id: "s-mode", label: t("web_police.scenario_mode"), error: errors.mode, options: modes(context).map((name) => [name, title("mode", name)]) }),
            number(state, "hours", errors),
          ]
          : [placesField(state, "leg", { id: "s-leg", label: t("web_police.scenario_leg"), error: errors.leg ?? errors.from, single: true, places: () => legs(context), hint: t("web_police.scenario_leg_hint") })]),
        state.change === "close" ? null : number(state, "departures_per_week", errors),
      ],
      entry(state) {
        const weekly = typed(state.departures_per_week);
        if (state.change !== "close" && !(weekly > 0)) return { errors: { departures_per_week: t("web_desk.need_number") } };
        if (state.change === "open") {
          if (state.from.length === 0) return { errors: { from: t("web_desk.need_place") } };
          if (state.to.length === 0) return { errors: { to: t("web_desk.need_place") } };
          if (!(typed(state.hours) > 0)) return { errors: { hours: t("web_desk.need_number") } };
          return { entry: { from: state.from[0], to: state.to[0], change: "open", mode: state.mode, hours: typed(state.hours), departures_per_week: weekly } };
        }
        const leg = legs(context).find(({ id }) => id === state.leg[0]);
        if (!leg) return { errors: { leg: t("web_desk.need_place") } };
        const entry = { from: leg.from, to: leg.to, mode: leg.mode, change: state.change };
        return { entry: state.change === "sailings" ? { ...entry, departures_per_week: weekly } : entry };
      },
      summary: ({ from, to, change, departures_per_week: weekly }) =>
        t(`web_police.scenario_summary_leg_${change}`, { from: terminalName(from), to: terminalName(to), weekly: persons(weekly ?? 0) }),
    },
  ];
}
