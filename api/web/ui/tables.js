/** Tables of results: headings, numbers to the right, a change with its sign and interval. */

import { el, quietButton } from "./dom.js";
import { LEAST_PERSONS, LEAST_SHARE, percent, persons, t } from "../i18n/i18n.js";

/** `columns`: `[{title, value(row), number}]`. The first column names the row. */
export function table(caption, columns, rows) {
  const cell = (tag, number, content, scope = null) => el(tag, { scope, class: number ? "number" : null }, content);
  return el("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": caption }, el(
    "table",
    { class: "numbers" },
    el("thead", {}, el("tr", {}, columns.map(({ title, number }) => cell("th", number, title, "col")))),
    el("tbody", {}, rows.map((row) => el("tr", {}, columns.map(({ value, number }, i) =>
      (i === 0 ? cell("th", number, value(row), "row") : cell("td", number, value(row))))))),
  ));
}

/** An amount with its sign, as `write` writes it; one below `least` in words. */
export function signed(value, write = persons, least = LEAST_PERSONS) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size > 0 && size < least) return t(value > 0 ? "web_desk.change_tiny_more" : "web_desk.change_tiny_fewer", { least: write(least) });
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${write(size)}`;
}

/** A share with its sign. */
export const signedShare = (value) => signed(value, percent, LEAST_SHARE);

/** `+12 (−3 … +40)`: a change with its 90 % interval. */
export function change(value, write = signed) {
  if (!value) return "–";
  if (typeof value === "number") return write(value);
  // what is the same in every draw is what somebody typed: it has no interval
  if (!Number.isFinite(value.p05) || write(value.p05) === write(value.p95)) return write(value.mean);
  return `${write(value.mean)} (${write(value.p05)} … ${write(value.p95)})`;
}

/** The change of a row of a scenario as a share of what there was before. */
export const shareOf = ({ change_share: share, change: persons, before }) =>
  share ?? Object.fromEntries(Object.entries(persons).map(([end, value]) => [end, value === null ? null : value / before]));

/** An estimate with its interval in words. */
export function estimateText(value, write = persons) {
  if (!value || !Number.isFinite(value.mean)) return t("web.unknown");
  if (!Number.isFinite(value.p05)) return write(value.mean);
  return `${write(value.mean)} (${t("web.interval_90")} ${write(value.p05)}–${write(value.p95)})`;
}

/** Only the first rows, with a button for the rest. */
export function longTable(caption, columns, rows, first = 10) {
  const place = el("div", {});
  const draw = (count) => {
    const parts = [table(caption, columns, rows.slice(0, count))];
    if (rows.length > count) {
      parts.push(quietButton(t("web.more", { count: rows.length - count }), () => {
        draw(rows.length);
        place.querySelector(".wide").focus();
      }, { class: "quiet more" }));
    }
    place.replaceChildren(...parts);
  };
  draw(first);
  return place;
}
