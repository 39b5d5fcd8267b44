/** What lists are made of: badges of classes, choices above a list, the button beneath it. */

import { el, hatched, mark, quietButton } from "../ui/dom.js";
import { className, t } from "../i18n/i18n.js";
import { UNSURE_BELOW } from "../map/palette.js";
import { colours } from "../map/theme.js";

/** Rows that a list begins with, and that its button adds. */
export const STEP = 40;

function swatchOf(name, kind, probability) {
  if (name === "not_assessed") return mark("swatch dots");
  if (kind === "corridor") return mark("swatch", colours.CORRIDOR_COLOURS[name]);
  return probability < UNSURE_BELOW ? hatched(name) : mark("swatch", `var(--shown-${name})`);
}

/** A class with its colour on the map; the text carries the meaning. `probability` of the class, where it is known, is `said` or only seen. */
export function classBadge(value, kind = "area", probability = undefined, said = true) {
  const name = value ?? "not_assessed";
  const swatch = swatchOf(name, kind, probability);
  const text = said && Number.isFinite(probability)
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
