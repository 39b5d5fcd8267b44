/** Changes that every desk can try: an indicator, a service or task force, departures. */

import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { decimals, label, percent, t, title, translated } from "../../static/i18n/i18n.js";
import { signed, signedShare } from "../../static/ui/tables.js";
import { areas } from "./places.js";

/**
 * A kind: `key`, `title` (key of a text), `part` of the scenario, `start()` the empty form, `fields(state, errors,
 * redraw)`, `entry(state)` -> `{entry}` or `{errors}`, and `summary(entry)`.
 * `options()` are the service's choices: indicators and kinds of services.
 */
export function areaChanges(context, options) {
  const areaName = (code) => context.areaName(code) ?? code;
  const area = (state, errors) => placesField(state, "area", {
    id: "s-area", label: t("web_desk.scenario_area"), error: errors.area, single: true,
    places: () => areas(context, ["province", "regency"]), hint: t("web_desk.area_hint_upper"),
  });
  const indicators = () => options()?.indicators ?? [];
  const indicatorName = (row) => translated(row?.title) || (row?.id ?? "");
  // A change of a percentage is in percentage points.
  const unitName = (unit) => label("unit", unit === "percent" ? "percentage_points" : unit);
  const unitOf = (id) => indicators().find((row) => row.id === id)?.unit ?? "";
  // One point is a change that a percentage anywhere can have; of rupiah or years nobody has a usual one.
  const usualChange = (id) => (unitOf(id) === "percent" ? "-1" : "");

  return [
    {
      key: "indicator",
      title: "web_desk.scenario_kind_indicator",
      part: "indicators",
      start: () => ({ area: [], indicator: indicators()[0]?.id ?? "", change: usualChange(indicators()[0]?.id) }),
      fields: (state, errors, redraw) => {
        return [
          area(state, errors),
          choiceField(state, "indicator", {
            id: "s-indicator", label: t("web_desk.scenario_indicator"), error: errors.indicator,
            onChange() {
              state.change = usualChange(state.indicator);
              redraw();
            },
            options: indicators().map((row) => [row.id, indicatorName(row)]),
          }),
          numberField(state, "change", { id: "s-change", label: t("web_desk.scenario_amount", { unit: unitName(unitOf(state.indicator)) }), error: errors.change, hint: t("web_desk.scenario_amount_hint") }),
        ];
      },
      entry(state) {
        const change = typed(state.change);
        if (state.area.length === 0) return { errors: { area: t("web_desk.need_place") } };
        if (!Number.isFinite(change) || change === 0) return { errors: { change: t("web_desk.scenario_need_change") } };
        return { entry: { area: state.area[0], indicator: state.indicator, change } };
      },
      summary: (entry) => t("web_desk.scenario_summary_indicator", {
        area: areaName(entry.area),
        indicator: indicatorName(indicators().find((row) => row.id === entry.indicator)) || entry.indicator,
        change: signed(entry.change, (size) => decimals(size, Number.isInteger(size) ? 0 : 1), 0),
      }),
    },
    {
      key: "service",
      title: "web_desk.scenario_kind_service",
      part: "services",
      start: () => ({ area: [], kind: options()?.service_kinds?.[0] ?? "", share: String(100 * (options()?.effect_default ?? 0.1)) }),
      fields: (state, errors) => [
        area(state, errors),
        choiceField(state, "kind", {
          id: "s-kind", label: t("web_desk.scenario_service"), error: errors.kind,
          options: (options()?.service_kinds ?? []).map((kind) => [kind, title("service", kind)]),
        }),
        numberField(state, "share", {
          id: "s-share", label: t("web_desk.scenario_reduction"), error: errors.share, min: 0, max: 100, hint: t("web_desk.scenario_reduction_hint"),
        }),
      ],
      entry(state) {
        const share = typed(state.share);
        if (state.area.length === 0) return { errors: { area: t("web_desk.need_place") } };
        if (!(share >= 0 && share <= 100)) return { errors: { share: t("web_desk.need_percent") } };
        return { entry: { area: state.area[0], kind: state.kind, reduces_departures: share / 100 } };
      },
      summary: (entry) => t("web_desk.scenario_summary_service", {
        area: areaName(entry.area), kind: label("service", entry.kind), share: percent(entry.reduces_departures ?? options()?.effect_default ?? 0.1),
      }),
    },
    {
      key: "demand",
      title: "web_desk.scenario_kind_demand",
      part: "demand",
      start: () => ({ area: [], percent: "20" }),
      fields: (state, errors) => [
        area(state, errors),
        numberField(state, "percent", {
          id: "s-percent", label: t("web_desk.scenario_percent"), error: errors.percent ?? errors.factor, min: -100, hint: t("web_desk.scenario_percent_hint"),
        }),
      ],
      entry(state) {
        const more = typed(state.percent);
        if (state.area.length === 0) return { errors: { area: t("web_desk.need_place") } };
        if (!(more >= -100) || more === 0) return { errors: { percent: t("web_desk.scenario_need_change") } };
        return { entry: { area: state.area[0], factor: Math.round((1 + more / 100) * 1e6) / 1e6 } };
      },
      summary: (entry) => t("web_desk.scenario_summary_demand", {
        area: areaName(entry.area),
        change: signedShare(entry.factor - 1),
      }),
    },
  ];
}
