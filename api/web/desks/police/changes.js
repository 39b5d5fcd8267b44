/** Changes only this desk can think through: posts, and legs between terminals. */

import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { persons, t } from "../../static/i18n/i18n.js";
import { legs, terminals } from "../common/places.js";

const MODES = ["passenger_ship", "ferry", "fast_boat", "small_boat", "air", "bus", "road"];

/** Kinds of change as `scenario.js` wants them. */
export function changePosts(context) {
  const terminalName = (id) => terminals(context).find((place) => place.id === id)?.name ?? id;
  const terminal = (state, key, errors) => placesField(state, key, {
    id: `s-${key}`, label: t(`s_${key}`), error: errors[key], one: true, places: () => terminals(context),
  });
  const number = (state, key, errors, more) => numberField(state, key, {
    id: `s-${key}`, label: t(`s_${key}`), error: errors[key], min: 0, ...more,
  });

  return [
    {
      key: "post",
      part: "posts",
      start: () => ({ change: "add", terminal: [], hours_per_week: "84" }),
      fields: (state, errors, redraw) => [
        choiceField(state, "change", {
          id: "s-change", label: t("s_change"), onChange: redraw,
          options: ["add", "remove", "restaff"].map((name) => [name, t(`s_post_${name}`)]),
        }),
        terminal(state, "terminal", errors),
        state.change === "remove" ? null : number(state, "hours_per_week", errors, { max: 168, hint: t("p_hoursHint") }),
      ],
      entry(state) {
        const hours = typed(state.hours_per_week);
        if (state.terminal.length === 0) return { errors: { terminal: t("needPlace") } };
        if (state.change !== "remove" && !(hours >= 0 && hours <= 168)) return { errors: { hours_per_week: t("p_needHours") } };
        const entry = { terminal: state.terminal[0], change: state.change };
        return { entry: state.change === "remove" ? entry : { ...entry, hours_per_week: hours } };
      },
      words: ({ terminal: id, change, hours_per_week: hours }) =>
        t(`s_said_post_${change ?? "add"}`, { name: terminalName(id), hours: hours ?? 168 }),
    },
    {
      key: "leg",
      part: "legs",
      start: () => ({ change: "close", leg: [], from: [], to: [], mode: "passenger_ship", departures_per_week: "1", hours: "" }),
      prepare: () => context.library.load("legs"),
      fields: (state, errors, redraw) => [
        choiceField(state, "change", {
          id: "s-change", label: t("s_change"), onChange: redraw,
          options: ["close", "sailings", "open"].map((name) => [name, t(`s_leg_${name}`)]),
        }),
        ...(state.change === "open"
          ? [
            terminal(state, "from", errors),
            terminal(state, "to", errors),
            choiceField(state, "mode", { id: "s-mode", label: t("s_mode"), error: errors.mode, options: MODES.map((name) => [name, t(`mode_${name}`)]) }),
            number(state, "hours", errors),
          ]
          : [placesField(state, "leg", { id: "s-leg", label: t("s_leg"), error: errors.leg ?? errors.from, one: true, places: () => legs(context), hint: t("s_legHint") })]),
        state.change === "close" ? null : number(state, "departures_per_week", errors),
      ],
      entry(state) {
        const weekly = typed(state.departures_per_week);
        if (state.change !== "close" && !(weekly > 0)) return { errors: { departures_per_week: t("needNumber") } };
        if (state.change === "open") {
          if (state.from.length === 0) return { errors: { from: t("needPlace") } };
          if (state.to.length === 0) return { errors: { to: t("needPlace") } };
          if (!(typed(state.hours) > 0)) return { errors: { hours: t("needNumber") } };
          return { entry: { from: state.from[0], to: state.to[0], change: "open", mode: state.mode, hours: typed(state.hours), departures_per_week: weekly } };
        }
        const leg = legs(context).find((one) => one.id === state.leg[0]);
        if (!leg) return { errors: { leg: t("needPlace") } };
        const entry = { from: leg.from, to: leg.to, mode: leg.mode, change: state.change };
        return { entry: state.change === "sailings" ? { ...entry, departures_per_week: weekly } : entry };
      },
      words: ({ from, to, change, departures_per_week: weekly }) =>
        t(`s_said_leg_${change}`, { from: terminalName(from), to: terminalName(to), weekly: persons(weekly ?? 0) }),
    },
  ];
}
