/** Changes every desk can think through: an indicator, a service or task force, departures. */

import { choiceField, numberField, placesField, typed } from "../../static/ui/forms.js";
import { currentLanguage, decimals, has, percent, t } from "../../static/i18n/i18n.js";
import { areas } from "./places.js";

/**
 * A kind: `key` (its words are `s_kind_<key>`), `part` of the scenario, `start()` the empty form, `fields(state, errors,
 * redraw)`, `entry(state)` -> `{entry}` or `{errors}`, and `words(entry)`.
 * `options()` is what the service offers: indicators and kinds of services.
 */
export function areaChanges(context, options) {
  const areaName = (code) => context.areaName(code) ?? code;
  const area = (state, errors, levels = null) => placesField(state, "area", {
    id: "s-area", label: t("s_area"), error: errors.area, one: true, places: () => areas(context, levels),
    hint: t(levels ? "s_areaHintUpper" : "s_areaHint"),
  });
  const indicators = () => options()?.indicators ?? [];
  const title = (row) => row?.[`title_${currentLanguage()}`] ?? row?.id ?? "";
  const serviceName = (kind) => (has(`serviceKind_${kind}`) ? t(`serviceKind_${kind}`) : has(`service_${kind}`) ? t(`service_${kind}`) : kind.replaceAll("_", " "));
  const number = (state, key, errors, more) => numberField(state, key, { id: `s-${key}`, label: t(`s_${key}`), error: errors[key], ...more });

  const unitName = (unit) => {
    const key = `unit_${unit.replace(/[^a-z0-9]+/g, "_")}`;
    return has(key) ? t(key) : unit;
  };

  return [
    {
      key: "indicator",
      part: "indicators",
      start: () => ({ area: [], indicator: indicators()[0]?.id ?? "", change: "-3" }),
      fields: (state, errors, redraw) => {
        const unit = indicators().find((row) => row.id === state.indicator)?.unit ?? "";
        return [
          area(state, errors, ["province", "regency"]),
          choiceField(state, "indicator", {
            id: "s-indicator", label: t("s_indicator"), error: errors.indicator, onChange: redraw,
            options: indicators().map((row) => [row.id, title(row)]),
          }),
          numberField(state, "change", { id: "s-change", label: t("s_byHow", { unit: unitName(unit) }), error: errors.change, hint: t("s_byHowHint") }),
        ];
      },
      entry(state) {
        const change = typed(state.change);
        if (state.area.length === 0) return { errors: { area: t("needPlace") } };
        if (!Number.isFinite(change) || change === 0) return { errors: { change: t("s_needChange") } };
        return { entry: { area: state.area[0], indicator: state.indicator, change } };
      },
      words: (entry) => t("s_said_indicator", {
        area: areaName(entry.area),
        indicator: title(indicators().find((row) => row.id === entry.indicator)) || entry.indicator,
        change: `${entry.change > 0 ? "+" : "−"}${decimals(Math.abs(entry.change), Number.isInteger(entry.change) ? 0 : 1)}`,
      }),
    },
    {
      key: "service",
      part: "services",
      start: () => ({ area: [], kind: options()?.service_kinds?.[0] ?? "", share: String(100 * (options()?.effect_default ?? 0.1)) }),
      fields: (state, errors) => [
        area(state, errors),
        choiceField(state, "kind", {
          id: "s-kind", label: t("s_service"), error: errors.kind,
          options: (options()?.service_kinds ?? []).map((kind) => [kind, serviceName(kind)]),
        }),
        number(state, "share", errors, { min: 0, max: 100, hint: t("s_shareHint") }),
      ],
      entry(state) {
        const share = typed(state.share);
        if (state.area.length === 0) return { errors: { area: t("needPlace") } };
        if (!(share >= 0 && share <= 100)) return { errors: { share: t("needPercent") } };
        return { entry: { area: state.area[0], kind: state.kind, reduces_departures: share / 100 } };
      },
      words: (entry) => t("s_said_service", {
        area: areaName(entry.area), kind: serviceName(entry.kind), share: percent(entry.reduces_departures ?? options()?.effect_default ?? 0.1),
      }),
    },
    {
      key: "demand",
      part: "demand",
      start: () => ({ area: [], percent: "20" }),
      fields: (state, errors) => [
        area(state, errors),
        number(state, "percent", { percent: errors.percent ?? errors.factor }, { min: -100, hint: t("s_percentHint") }),
      ],
      entry(state) {
        const more = typed(state.percent);
        if (state.area.length === 0) return { errors: { area: t("needPlace") } };
        if (!(more >= -100) || more === 0) return { errors: { percent: t("s_needChange") } };
        return { entry: { area: state.area[0], factor: Math.round((1 + more / 100) * 1e6) / 1e6 } };
      },
      words: (entry) => t("s_said_demand", {
        area: areaName(entry.area),
        change: `${entry.factor >= 1 ? "+" : "−"}${percent(Math.abs(entry.factor - 1))}`,
      }),
    },
  ];
}
