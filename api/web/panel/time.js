/** Published counts by place and year: small charts of every series to choose from, and some years of one on the map. */

import { el, hint, listItem } from "../ui/dom.js";
import { currentLanguage, label, partOfYear, score, t, whole } from "../i18n/i18n.js";
import { showsCounts } from "../app/tab-order.js";
import { countRows, drawCounts } from "../map/counts.js";
import { listable } from "../ui/messages.js";
import { chooser as choice, provinceChoice } from "./list-parts.js";
import { yearBars } from "./cards/charts.js";
import { rateOf, rateText } from "./cards/parts.js";
import { inFigures, isAdditive, listSeries, rowsOf, seriesName, totals, yearsInWords } from "./count-series.js";
import { recordOf } from "./time-record.js";

/** Places whose years stand in the open. */
const OPEN = 12;
/** Years that have room for their numbers in a small chart. */
const ROOM = 4;

/**
 * The tab: `show(pane)` fills it, `draw()` puts the chosen years on the map while counts stand there, and `legend()` gives
 * the groups that say what is drawn.
 */
export function createTimeTab({ store, library, onSelect, mapNow, areaName, showProvince }) {
  const all = () => library.features.counts ?? [];
  const inProvince = (code) => all().filter(({ properties: p }) => p.province_code === code);
  /** Those of the chosen province; without a record there, all. */
  const features = ({ province } = store.get().time ?? {}) => [inProvince(province), all()].find((rows) => rows.length > 0) ?? [];
  /** How many provinces there are; 0 before the areas have arrived. */
  const known = () => (library.features.areas ?? []).filter(({ properties: p }) => p.level === "province").length;
  const provinces = () => [...new Set(all().map(({ properties: p }) => p.province_code))].map((code) => [code, areaName(code) ?? code]);
  const shown = () => (showsCounts(store.get()) && features().length > 0 ? countsAt(features(), store.get().time ?? {}, all()) : null);
  return {
    show(pane) {
      const { time, selection } = store.get();
      renderTime(pane, {
        features: features(), every: all(), provinces: provinces(), placeName: inProvince(time?.province).length > 0 ? areaName(time.province) : null, provincesKnown: known(), loading: !library.has("counts"), failed: false, chosen: time, selection, onSelect,
        onChoose(change, field) {
          const { time: before } = store.get(); // chosen since the list was drawn
          // What is counted, and of when, stays as another province has it too.
          const { series: counted, asked } = countsAt(features(), before ?? {}, all());
          const next = { series: counted, ...before, ...change };
          const { series } = countsAt(features(next), next, all());
          // Years that somebody asked for stay, whatever is counted in them; years that nobody chose are those of the series.
          const { from, year } = "province" in change && !next.year ? asked : next;
          store.set({ time: { series, ...(year && { from, year }), province: next.province || undefined, rate: next.rate || undefined } });
          if ("province" in change) showProvince(change.province);
          if (field) document.getElementById(field)?.focus();
        },
      });
    },
    draw() {
      const at = shown();
      if (mapNow()) drawCounts(mapNow(), at, at?.perHead ? score : whole);
    },
    legend() {
      const at = shown();
      const unit = at?.perHead ? `, ${t("web.time_rate").toLocaleLowerCase(currentLanguage())}` : "";
      const last = at && !at.additive && at.from < at.year ? `, ${t("web.time_last")}` : "";
      return at ? [{ title: `${seriesName(at.series)}, ${at.span}${unit}${last}`, rows: countRows(at, whole) }] : [];
    },
  };
}

/** A series as a chart of all places, with the provinces that its highest and its last year are of, unless of one alone. */
function wholeRecord(years, ofOne) {
  const chart = yearBars("", years, { room: ROOM });
  if (ofOne) return [chart];
  const peak = years.reduce((most, at) => (at.value > most.value ? at : most));
  const told = [...new Set([peak, years.at(-1)])].map(({ year, covers }) => `${year}: ${covers}.`);
  return [chart, hint(told.join(" "))];
}

/** What is recorded of these years, added up where they may be, else in the last that has a record; undefined without one. */
function within(years, from, until, additive) {
  const inside = [...years].filter(([year]) => year >= from && year <= until).sort(([a], [b]) => a - b).map(([, value]) => value);
  return additive && inside.length > 0 ? inside.reduce((sum, value) => sum + value) : inside.at(-1);
}

/** The last year of which at least half as many places have a number as of the year that has most. */
function lastFullYear(rows) {
  const places = new Map();
  for (const { properties: { year } } of rows) places.set(year, (places.get(year) ?? 0) + 1);
  const most = Math.max(...places.values());
  return Math.max(...[...places].filter(([, count]) => 2 * count >= most).map(([year]) => year));
}

const hasRate = ({ properties: p }) => Number.isFinite(p.per_100k_mean);

const yearsOf = (features) => features.map(({ properties: p }) => p.year);
const spanOf = (from, until) => (from === until ? String(until) : `${from}–${until}`);

/**
 * The rows of a chosen series by place. `asked` are the years of the question, whether or not the series has them, and
 * `refused` those outside of all that is on record (`every`). `drawn` of a place is what the map shows: its number of these
 * years, or `perHead` its rate in the last, where that year is whole; `from` and `year` are the years drawn.
 */
function countsAt(features, { series, from, year, rate }, every = features) {
  const all = listSeries(features);
  const name = all.includes(series) ? series : all[0];
  const rows = rowsOf(features, name);
  const recorded = new Set(yearsOf(rows));
  const [first, last] = [Math.min(...yearsOf(every)), Math.max(...yearsOf(every))];
  const inside = (value) => Math.min(last, Math.max(first, value));
  const until = inside(year ?? lastFullYear(rows));
  const rated = rows.some(hasRate);
  const additive = isAdditive(features, name);
  const perHead = rated && Boolean(rate);
  const start = Math.min(until, inside(from ?? until));
  const begin = perHead ? until : start;
  const places = new Map();
  for (const feature of rows) {
    const { area_code: code, area_name: area, level, year: at, value, period } = feature.properties;
    if (!places.has(code)) places.set(code, { code, name: area, level, geometry: feature.geometry, years: new Map(), periods: new Map(), rate: "" });
    places.get(code).years.set(at, value); // a series has one row a place and year
    if (at === until && begin === until) places.get(code).rate = rateText(feature.properties);
    if (at === until && perHead && hasRate(feature)) Object.assign(places.get(code), { drawn: feature.properties.per_100k_mean, rates: rateOf(feature.properties) });
    if (period) places.get(code).periods.set(at, period);
  }
  for (const place of places.values()) {
    place.value = within(place.years, begin, until, additive);
    if (!perHead) place.drawn = place.value;
    const told = [...place.years].filter(([at]) => at >= begin && at <= until).sort(([a], [b]) => a - b);
    if (!additive && begin < until && told.length > 0) {
      place.each = inFigures(told.map(([at, value]) => ({ year: at, value, period: place.periods.get(at) })));
    }
    const last = told.at(-1)?.[0];
    place.part = [...place.periods].filter(([at]) => (additive ? at >= begin && at <= until : at === last))
      .map(([at, period]) => (begin === until ? partOfYear(period) : `${at}: ${partOfYear(period)}`)).join("; ");
  }
  // The same size means the same number at every place of the slider.
  const windows = Array.from({ length: last - first - until + begin + 1 }, (_, i) => first + i);
  const sizes = perHead ? rows.filter(hasRate).map(({ properties: p }) => p.per_100k_mean)
    : [...places.values()].flatMap(({ years }) => windows.map((start) => within(years, start, start + until - begin, additive) ?? 0));
  const most = Math.max(1, ...sizes);
  return {
    all, series: name, rated, perHead, additive, from: begin, year: until, span: spanOf(begin, until), asked: { from: start, year: until, span: spanOf(start, until) },
    refused: [...new Set([from, year])].filter((value) => value && value !== inside(value)), first, last, recorded, places: [...places.values()], most,
  };
}

/**
 * Fill the pane; `onChoose({series, from, year, province, rate}, field)` takes what is chosen otherwise and the field to
 * return to, `onSelect` opens an area.
 */
function renderTime(pane, { chosen, onChoose, selection, onSelect, provinces, placeName, provincesKnown, ...list }) {
  if (!listable(pane, list, "web.time_none")) return;
  const at = countsAt(list.features, chosen ?? {}, list.every);
  const key = [at.series, currentLanguage(), chosen?.province, at.perHead, provinces].join(" ");
  // The slider stays where it is while somebody drags it.
  if (pane.querySelector("#time-controls")?.dataset.key !== key) {
    const open = pane.querySelector("#time-series")?.open ?? chosen === null;
    pane.replaceChildren(hint(t("web.time_intro")), controls(at, key, { province: chosen?.province ?? "", provinces, onChoose }), el("div", { id: "time-record" }), chooser(list.features, at, { open, province: chosen?.province, onChoose }), el("div", { id: "time-body" }));
  }
  const { asked } = at;
  pane.querySelector("#time-year").min = at.first + asked.year - asked.from;
  const [word, refused] = [pane.querySelector("#time-refused"), at.refused.length > 0 ? refusal(at.refused.join(", "), at) : ""];
  if (refused !== (word.dataset.asked ?? "")) Object.assign(word, { textContent: refused }).dataset.asked = refused;
  for (const [id, value] of [["time-from", asked.from], ["time-until", asked.year], ["time-year", asked.year]]) {
    const input = pane.querySelector(`#${id}`);
    // What arrives meanwhile does not undo what is being typed.
    input.dataset.year = value;
    if (!("typing" in input.dataset)) input.value = value;
  }
  pane.querySelector("#time-year").setAttribute("aria-valuetext", asked.span);
  pane.querySelector("output").textContent = asked.span;
  pane.querySelector("#time-record").replaceChildren(...recordOf(list.features, { ...asked, series: at.series, place: placeName, provinces: provincesKnown }));
  pane.querySelector("#time-body").replaceChildren(...body(at, { selection, onSelect }));
}

/** Every series as a small chart of all places; choosing one closes the list. */
function chooser(features, at, { open, province, onChoose }) {
  const item = (name) => el("li", {},
    el("button", {
      type: "button", class: "quiet", "data-key": name, "aria-pressed": String(name === at.series),
      onclick({ target }) {
        const list = target.closest("details");
        list.open = false;
        list.firstChild.focus();
        onChoose({ series: name });
      },
    }, seriesName(name)),
    ...wholeRecord(totals(features, name), province));
  return el("details", { id: "time-series", class: "folded", open },
    el("summary", { id: "time-chosen" }, `${t("web.time_series")}: `, el("strong", {}, seriesName(at.series)), ` (${t("web.time_choices", { count: at.all.length })})`),
    province ? "" : hint(t("web.time_sums")), el("ul", { class: "series" }, at.all.map(item)));
}

/** Why a year is not taken: nothing at all is on record of it. */
const refusal = (year, { first, last }) => t("web.time_refused", { year: String(year), first: String(first), last: String(last) });

/** The province, years to type, a slider that moves them together, and whether numbers or rates are drawn. */
function controls(at, key, { province, provinces, onChoose }) {
  const word = el("p", { id: "time-refused", role: "status" });
  const limits = { min: at.first, max: at.last, step: 1 };
  const number = (id, name, choose) => el("input", {
    id, type: "number", "aria-label": t(name), ...limits, oninput: ({ target }) => (target.dataset.typing = ""),
    onchange({ target }) {
      delete target.dataset.typing;
      const year = Number(target.value);
      const taken = Number.isInteger(year) && year >= at.first && year <= at.last;
      word.textContent = taken || !year ? "" : refusal(year, at);
      if (taken) choose(year);
      else target.value = target.dataset.year;
    },
  });
  const read = (id) => Number(document.getElementById(id).value);
  return el("div", { id: "time-controls", "data-key": key },
    provinceChoice("time-province", provinces, province, (code) => onChoose({ province: code }, "time-province")),
    at.rated ? choice("time-measure", "web.time_shown", [["", t("web.time_number")], ["rate", t("web.time_rate")]], at.perHead ? "rate" : "",
      (kind) => onChoose({ rate: kind === "rate" }, "time-measure")) : "",
    el("p", { class: "row" }, el("span", {}, t("web.count_year")),
      number("time-from", "web.time_from", (from) => onChoose({ from, year: Math.max(from, read("time-until")) })), "–",
      number("time-until", "web.time_until", (year) => onChoose({ year, from: Math.min(year, read("time-from")) })),
      el("small", {}, t("web.time_span", { first: String(Math.min(...at.recorded)), last: String(Math.max(...at.recorded)) }))),
    word,
    el("p", { class: "row" }, el("input", {
      id: "time-year", type: "range", "aria-label": t("web.count_year"), ...limits,
      oninput: ({ target }) => {
        const year = Number(target.value);
        word.textContent = "";
        onChoose({ year, from: year - read("time-until") + read("time-from") });
      },
    }), el("output", { for: "time-year" })));
}

/** The number of a place, or those of its years; where years are counted in part it is the least there were. */
const amount = ({ value, part, each }) => each ?? `${part ? "≥ " : ""}${whole(value)}`;

/** What is drawn of a place, in words. */
const told = (place, { perHead }) => (perHead ? t("web.count_rate", place.rates) : amount(place));

/** What stands small beside it: the rate of a number, and the number of a rate, also where it has none. */
function besideNumber({ rate, ...place }, { perHead }) {
  if (!perHead) return rate ? el("small", {}, ` ${rate}`) : null;
  return place.value === undefined ? null : el("small", {}, ` ${t(rate ? "web.time_counted" : "web.time_no_rate", { value: amount(place) })}`);
}

/** How many places have a record, and which of one level the most: a province is more than its own regencies where it is their sum. */
function recordedWhere(at, recorded) {
  const provinces = new Set(recorded.map(({ code }) => code.slice(0, 2)));
  const [regencies, others] = ["regency", "province"].map((level) => recorded.filter((place) => place.level === level));
  const [most] = (at.additive ? [regencies, others] : [others, regencies]).find((places) => places.length > 1) ?? [];
  return [
    t("web.time_recorded", { year: at.span, provinces: provinces.size, count: regencies.length }),
    most && !most.each ? t("web.time_most", { name: most.name, value: told(most, at) }) : "",
  ].join(" ");
}

/** A sentence on the years, and the places with theirs. */
function body(at, { selection, onSelect }) {
  const recorded = at.places.filter(({ drawn }) => drawn !== undefined).sort((a, b) => b.drawn - a.drawn);
  const others = at.places.filter(({ drawn }) => drawn === undefined).sort((a, b) => a.name.localeCompare(b.name, "id"));
  const chosen = Array.from({ length: at.year - at.from + 1 }, (_, i) => at.from + i);
  const without = chosen.filter((year) => !at.recorded.has(year));
  const axis = { first: Math.min(at.from, ...at.recorded), last: Math.max(at.year, ...at.recorded) };
  const item = (place) => {
    const row = listItem(
      { type: "area", key: place.code, selection, onSelect },
      el("span", { class: "item-name" }, place.name, " ", el("small", {}, label("level", place.level))),
      el("span", { class: "item-facts" }, place.drawn === undefined ? t("web.no_record") : told(place, at),
        besideNumber(place, at), place.part && !place.each ? el("small", {}, ` ${place.part}`) : null),
    );
    const years = [...place.years].map(([year, value]) => ({ year, value, period: place.periods.get(year) }));
    row.append(yearBars("", years, { ...axis, marked: chosen }));
    return row;
  };
  const rows = (places) => el("ol", { class: "list" }, places.map(item));
  const folded = [...recorded.slice(OPEN), ...others];
  return [
    el("p", {}, recorded.length > 0 ? recordedWhere(at, recorded) : t("web.time_nothing", { year: at.span })),
    at.perHead && at.asked.from < at.year ? hint(t("web.time_rate_year", { year: String(at.year) })) : "",
    recorded.length > 0 && without.length > 0 ? hint(t("web.time_unrecorded", { years: yearsInWords(without) })) : "",
    chosen.length > 1 ? hint(t(at.additive ? "web.time_added" : "web.time_not_added")) : "",
    at.places.some(({ periods }) => periods.size > 0) ? hint(t("web.counts_part")) : "",
    rows(recorded.slice(0, OPEN)),
    ...(folded.length === 0 ? [] : [el("details", {}, el("summary", {}, t("web.time_more", { count: folded.length })), rows(folded))]),
  ];
}
