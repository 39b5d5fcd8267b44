/**
 * Small drawings of the cards. Each is for the eye alone: a table or a label beside it says the same in text.
 *
 * Amounts of persons lie on a square-root axis from 0 to `most`, so that 20 and 2,000 both can be read.
 */

import { el } from "../../ui/dom.js";
import { partOfYear, persons, t, whole } from "../../i18n/i18n.js";

const SVG = "http://www.w3.org/2000/svg";
/** Years that have room for a number above each bar. */
const ROOM = 9;
/** Years that share the width where there are fewer, so that a single bar is no wall. */
const FEWEST = 7;
/** Pixels that a number of `room` has at least, and those of a digit. */
const NUMBER_PX = 36;
const DIGIT_PX = 6.2;
/** Pixels of the tallest bar, and those of a line of digits. */
const TALL_PX = 40;
const LINE_PX = 9;
/** Room that two digits of a year need. */
const YEAR_PX = 14;

function svg(name, attributes, children = []) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const rect = (kind, left, right, y, height) =>
  svg("rect", { class: kind, x: `${left}%`, width: `${Math.max(0, right - left)}%`, y, height });

/** Place of an amount on the axis, in percent. */
const onAxis = (value, most) => 100 * Math.sqrt(Math.min(1, Math.max(0, value) / (most || 1)));

/** Band from the 5th to the 95th percentile with a tick at the mean. */
export function intervalBar({ mean, p05, p95 }, most) {
  const at = onAxis(mean, most);
  return svg("svg", { class: "interval", "aria-hidden": "true" }, [
    rect("axis", 0, 100, 6, 2),
    rect("band", onAxis(p05, most), onAxis(p95, most), 3, 8),
    svg("rect", { class: "tick", x: `${at}%`, width: 3, y: 0, height: 14, transform: "translate(-1.5)" }),
  ]);
}

/** The same with the ends of its axis, and its middle: a quarter of the end, for the axis is of square roots. */
export const scaledInterval = (estimate, most) => el("div", { class: "scaled", "aria-hidden": "true" },
  intervalBar(estimate, most),
  ...["0", t("web.axis_middle", { persons: persons(most / 4) }), persons(most)].map((end) => el("span", {}, end)));

/** Rows of estimates on one axis: `[{name, estimate: {mean, p05, p95}}]`; `name` is a text or element. */
export function estimateTable(caption, rows, most = Math.max(...rows.map(({ estimate }) => estimate.p95))) {
  return el("table", { class: "estimates" },
    el("caption", { class: "hidden" }, caption),
    el("tbody", {}, rows.map(({ name, estimate }) => el("tr", {},
      el("th", { scope: "row" }, name),
      el("td", { class: "drawn" }, intervalBar(estimate, most)),
      el("td", { class: "number" }, persons(estimate.mean), " ",
        el("small", {}, `${persons(estimate.p05)}–${persons(estimate.p95)}`))))));
}

/** Rows left and right of a middle line, `[{name, value, text}]`; `most` is the end of the axis. */
export function deviationTable(caption, rows, most) {
  const at = (value) => 50 + 50 * Math.max(-1, Math.min(1, value / (most || 1)));
  const bar = (value) => rect(value > 0 ? "worse" : "better", Math.min(50, at(value)), Math.max(50, at(value)), 2, 10);
  return el("table", { class: "estimates" },
    el("caption", { class: "hidden" }, caption),
    el("tbody", {}, rows.map(({ name, value, text }) => el("tr", {},
      el("th", { scope: "row" }, name),
      el("td", { class: "drawn" }, svg("svg", { class: "interval", "aria-hidden": "true" }, [
        ...(value ? [bar(value)] : []), svg("rect", { class: "tick", x: "50%", width: 1, y: 0, height: 14 }),
      ])),
      el("td", { class: "number" }, text)))));
}

/** How a change lies to no change: its interval and mean, each scaled by itself; null for no clear change. */
export function changeMark(change) {
  if (!change) return svg("svg", { class: "interval", "aria-hidden": "true" }, [rect("axis", 0, 100, 6, 2)]);
  const most = Math.max(Math.abs(change.low), Math.abs(change.high));
  const at = (value) => 50 + 48 * (value / most);
  return svg("svg", { class: "interval", "aria-hidden": "true" }, [
    rect("axis", 0, 100, 6, 2),
    rect("band", at(change.low), at(change.high), 3, 8),
    svg("rect", { class: "tick", x: `${at(change.mean)}%`, width: 3, y: 0, height: 14, transform: "translate(-1.5)" }),
    svg("rect", { class: "middle", x: "50%", width: 1, y: 0, height: 14 }),
  ]);
}

/** Ratios as dots on one logarithmic axis with 1 in its middle: `[{name, ratio, text, own}]`; `own` stands out. */
export function ratioDots(rows) {
  const most = Math.max(Math.LN2, ...rows.map(({ ratio }) => Math.abs(Math.log(ratio))));
  return el("table", { class: "estimates" }, el("tbody", {}, rows.map(({ name, ratio, text, own }) => el("tr", {},
    el("th", { scope: "row" }, name),
    el("td", { class: "drawn" }, svg("svg", { class: "interval", "aria-hidden": "true" }, [
      rect("axis", 0, 100, 6, 2),
      svg("rect", { class: "middle", x: "50%", width: 1, y: 0, height: 14 }),
      svg("circle", { class: own ? "dot own" : "dot", cx: `${50 + 46 * (Math.log(ratio) / most)}%`, cy: 7, r: 4 }),
    ])),
    el("td", { class: "number" }, text)))));
}

/** Height of a bar in pixels. */
const heightOf = (value, most) => Math.max(1, TALL_PX * (value / most));

/**
 * The years whose numbers have room, the greatest first: none lies over another, nor over a taller bar beside its own. Each
 * stands on its bar, so that those of bars of unlike heights may be close.
 */
function withRoom(known, { ends, yearPx, all, most }) {
  if (all) return new Set(known.keys());
  const wide = (year) => whole(known.get(year)).length * DIGIT_PX;
  const weight = (year) => known.get(year) + (ends.has(year) ? 0.5 : 0);
  const chosen = new Set();
  for (const year of [...known.keys()].sort((a, b) => weight(b) - weight(a))) {
    const apart = [...chosen].every((other) => Math.abs(other - year) * yearPx >= (wide(other) + wide(year)) / 2 + 2
      || Math.abs(heightOf(known.get(other), most) - heightOf(known.get(year), most)) >= LINE_PX);
    const over = wide(year) > 1.2 * yearPx && [year - 1, year + 1].some((beside) => known.get(beside) > known.get(year));
    if (apart && !over) chosen.add(year);
  }
  return chosen;
}

/**
 * Counts by year (`[{year, value, period}]`) as bars; a year without a record is a dot on the line, not a zero, and one of
 * which a part is counted (`period`, or `part` in words) is a hollow bar.
 * `first` and `last` are the years of the axis, `tallest` a count that has room on it, `marked` are years that stand out,
 * `room` is how many have room for their numbers; the title may be empty.
 */
export function yearBars(title, years, { marked = [], room = ROOM, tallest = 0, ...axis } = {}) {
  const known = new Map(years.map(({ year, value }) => [year, value]));
  const part = new Map(years.map(({ year, period, part: said }) => [year, said ?? partOfYear(period)]));
  const { first, last } = { first: Math.min(...known.keys()), last: Math.max(...known.keys()), ...axis };
  const span = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const most = Math.max(1, tallest, ...known.values());
  const step = 100 / Math.max(span.length, FEWEST);
  const ends = new Set(span.length <= room ? span : [first, last]);
  const yearPx = (room * NUMBER_PX) / Math.max(span.length, FEWEST);
  const numbered = withRoom(known, { ends, yearPx, all: span.length <= room, most });
  const toldOf = (year) => `${year}: ${known.has(year) ? [whole(known.get(year)), part.get(year) && `(${part.get(year)})`].filter(Boolean).join(" ") : t("web.no_record")}`;
  const parts = span.flatMap((year, i) => {
    const middle = `${step * (i + 0.5)}%`;
    const value = known.get(year);
    // years side by side: the first in full, of the others what changes; so of years with a number, where they are no ends
    const short = ends.has(year - 1) || !ends.has(year);
    const named = ends.has(year) || (numbered.has(year) && yearPx > YEAR_PX && ![year - 1, year + 1].some((beside) => ends.has(beside)));
    const label = named ? [svg("text", { x: middle, y: 68, class: "year" }, [short ? String(year).slice(2) : String(year)])] : [];
    if (value === undefined) return [svg("circle", { class: "none", cx: middle, cy: 54, r: 1.6 }), ...label];
    const height = heightOf(value, most);
    const number = svg("text", { x: middle, y: 53 - height, class: "value" }, [whole(value)]);
    const bar = rect(["count", marked.includes(year) && "marked", part.get(year) && "part"].filter(Boolean).join(" "), step * (i + 0.12), step * (i + 0.88), 56 - height, height);
    bar.append(svg("title", {}, [toldOf(year)])); // of a bar without room for its number too
    return [bar, ...(numbered.has(year) ? [number] : []), ...label];
  });
  const text = span.map(toldOf).join("; ");
  return el("figure", { class: "years" },
    title && el("figcaption", {}, title),
    svg("svg", { role: "img", "aria-label": [title, text].filter(Boolean).join(". ") }, [rect("axis", 0, 100, 56, 1), ...parts]));
}
