/** What lists are made of: badges of classes, choices above a list, the button beneath it. */

import { el, mark, quietButton } from "../ui/dom.js";
import { className, t } from "../i18n/i18n.js";
import { colours } from "../map/theme.js";

/** Rows that a list begins with, and that its button adds. */
export const STEP = 40;

/** A class with its colour; the text carries the meaning. `probability` of the class, where it is known. */
export function classBadge(value, kind = "area", probability = undefined) {
  const name = value ?? "not_assessed";
  const ramp = kind === "corridor" ? colours.CORRIDOR_COLOURS : colours.AREA_COLOURS;
  const swatch = name === "not_assessed" ? mark("swatch dots") : mark("swatch", ramp[name]);
  const text = Number.isFinite(probability)
    ? t("class.with_probability", { class: className(name), p: probability })
    : className(name);
  return el("span", { class: "badge" }, swatch, text);
}

/** A choice above a list: `options` are `[value, text]`. */
export function chooser(id, label, options, chosen, onChoose) {
  return el("p", { class: "row" }, el("label", { for: id }, t(label)), el(
    "select",
    { id, onchange: (event) => onChoose(event.target.value) },
    options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
  ));
}

/** A choice of province above a list, by name; `provinces` are `[code, name]`. */
export const provinceChoice = (id, provinces, chosen, onChoose) => chooser(id, "web.areas_province",
  [["", t("web.areas_every")], ...provinces.sort(([, a], [, b]) => a.localeCompare(b, "id"))], chosen, onChoose);

/** The button beneath a list that shows `limit` of `count`. */
export const moreButton = (count, limit, onMore) => (count > limit
  ? quietButton(t("web.more", { count: Math.min(count - limit, STEP) }), () => onMore(limit + STEP), { class: "quiet more" }) : "");
