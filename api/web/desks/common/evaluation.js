/** The room of evaluation: what was done where from when, and whether the counts tell that it helped. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { decimals, label, month, t, title, translated, whole } from "../../static/i18n/i18n.js";
import { showError } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";
import { ratioDots, yearBars } from "../../static/panel/cards/charts.js";
import { provenance } from "../../static/panel/cards/parts.js";
import { interventionForm } from "./intervention-form.js";

const PATH = "v1/interventions";
const MOST = 100;
/** A ratio in words of its size: beyond a hundredfold no digits. */
const times = (ratio) => (ratio > MOST ? t("web_desk.evaluation_huge", { ratio: whole(MOST) }) : ratio < 1 / MOST ? `< ${decimals(1 / MOST, 2)}` : decimals(ratio, 2));
const interval = (effect) => (effect ? `${times(effect.mean)} (${times(effect.p05)}–${times(effect.p95)})` : "–");
const marked = (years) => years.filter(({ after }) => after >= 0.5).map(({ year }) => year);
const paragraphs = (texts) => texts.filter(Boolean).map((text) => el("p", {}, text));

/** Counts by year, those after the start marked, and beneath them what the areas of comparison lead to expect. */
function bars(measure, years) {
  if (years.length === 0) return [];
  const expected = years.filter(({ comparison }) => comparison !== null);
  const axis = { first: years[0].year, last: years.at(-1).year, tallest: Math.max(...years.flatMap(({ count, comparison }) => [count, comparison ?? 0])) };
  const value = (row, amount) => ({ year: row.year, value: amount, period: row.period });
  return [
    yearBars(t("web_desk.evaluation_counts", { measure: label("measure", measure) }), years.map((row) => value(row, row.count)), { ...axis, marked: marked(years) }),
    ...(expected.length > 0 ? [yearBars(t("web_desk.evaluation_comparison"), expected.map((row) => value(row, row.comparison)), axis)] : []),
    ...(years.some(({ period }) => period) ? [hint(t("web_desk.evaluation_hollow")), wholeYears(years)] : []),
    ...(years.some(({ places }) => places > 1) ? [hint(t("web_desk.evaluation_places", { least: Math.min(...years.map(({ places }) => places)), most: Math.max(...years.map(({ places }) => places)) }))] : []),
  ];
}

/** What a count of some months is of a whole year, which is what the reckoning compares. */
function wholeYears(years) {
  return table(t("web_desk.evaluation_whole_years"), [
    { title: t("web_desk.evaluation_year"), value: ({ year }) => String(year) },
    { title: t("web_desk.evaluation_recorded"), value: ({ count }) => whole(count), number: true },
    { title: t("web_desk.evaluation_months"), value: ({ months }) => (months ? whole(months) : "–"), number: true },
    { title: t("web_desk.evaluation_as_year"), value: (row) => whole(row.as_a_year), number: true },
  ], years);
}

/** What the same reckoning says where, or when, nothing was done. */
function placebos(found) {
  const rows = [
    { name: translated(found.name), ...found.effect, own: true },
    ...found.placebos.map((row) => ({ name: row.area_name, ...row.effect })),
    ...(found.placebo_in_time ? [{ name: t("web_desk.evaluation_earlier", { year: found.placebo_in_time.year }), ...found.placebo_in_time.effect }] : []),
  ];
  if (!found.effect || rows.length < 2) return [hint(t("web_desk.evaluation_no_placebos"))];
  return [
    found.rank && el("p", {}, t("web_desk.evaluation_rank", found.rank)),
    ratioDots(rows.map((row) => ({ ...row, ratio: row.mean, text: interval(row) }))),
  ];
}

function wholeAnswer(found) {
  const section = (key, ...parts) => [el("h4", {}, t(key)), ...parts];
  return el("div", {},
    el("h3", { tabIndex: -1 }, `${translated(found.name)} (${month(found.start)})`),
    ...paragraphs([translated(found.power), translated(found.sentence)]),
    ...bars(found.measure, found.years),
    ...section("web_desk.evaluation_before", found.before.length > 0
      ? table(t("web_desk.evaluation_before"), [
        { title: t("web_desk.evaluation_year"), value: ({ year }) => String(year) },
        { title: t("web_desk.evaluation_ratio"), value: ({ ratio }) => times(ratio), number: true },
      ], found.before)
      : hint(t("web_desk.evaluation_no_before"))),
    ...section("web_desk.evaluation_placebos", ...placebos(found)),
    ...found.paired.flatMap((paired) => section("web_desk.evaluation_paired", ...paragraphs([translated(paired.sentence)]), ...bars(paired.measure, paired.years))),
    ...(found.effort?.length > 0 ? section("web_desk.evaluation_watched", table(t("web_desk.evaluation_watched"), [
      { title: t("web_desk.evaluation_since"), value: (row) => [row.from_date, row.until_date].filter(Boolean).join(" – ") || "–" },
      { title: t("web_desk.evaluation_body"), value: (row) => [row.body, row.terminal_id].filter(Boolean).join(", ") },
      { title: t("web_desk.evaluation_what"), value: (row) => [title("effort", row.measure), row.value === null ? "" : decimals(row.value, 1)].filter(Boolean).join(" ") },
    ], found.effort)) : []),
    ...(found.expected ? [
      ...section("web_desk.evaluation_model", el("p", {}, translated(found.expected.sentence))),
      table(t("web_desk.evaluation_model"), [
        { title: t("web_desk.evaluation_area"), value: (row) => row.area_name },
        { title: t("web_desk.evaluation_without"), value: (row) => whole(row.without), number: true },
        { title: t("web_desk.evaluation_change"), value: (row) => `${row.change > 0 ? "+" : "−"}${whole(Math.abs(row.change))}`, number: true },
      ], found.expected.moves),
    ] : []),
    ...(found.overlapping.length > 0 ? section("web_desk.evaluation_overlapping", el("ul", {}, found.overlapping.map((row) => el("li", {}, `${translated(row.name)} (${month(row.start)})`)))) : []),
    ...section("web_desk.evaluation_ask", el("ul", {}, found.ask.map((text) => el("li", {}, translated(text))))),
    ...provenance(found),
  );
}

export function createEvaluation(context, extra) {
  let asked = null;
  const own = (row) => row.office && context.session().administrator;
  const columns = (open, remove) => [
    { title: t("web_desk.evaluation_what_done"), value: (row) => [quietButton(translated(row.name), () => open(row.id), { class: "quiet small" }),
      own(row) && quietButton(t("web_desk.intervention_remove"), () => remove(row), { class: "quiet small", "aria-label": t("web.remove", { name: translated(row.name) }) })] },
    { title: t("web_desk.evaluation_since"), value: (row) => month(row.start) },
    { title: t("web_desk.evaluation_verdict"), value: (row) => [label("verdict", row.verdict), row.effect && el("small", {}, `: ${interval(row.effect)}`),
      ...row.differs.map(({ sentence }) => el("div", {}, el("small", {}, translated(sentence))))] },
  ];
  return {
    key: "evaluation",
    title: "web_desk.evaluation",
    render(place) {
      const [body, opened] = [el("div", {}, hint(t("web.loading"))), el("div", { "aria-live": "polite" })];
      const again = () => {
        asked = null;
        this.render(place);
      };
      const added = (name) => [again(), announce(t("web_desk.intervention_added", { name }))];
      place.replaceChildren(
        el("h2", {}, t("web_desk.evaluation")), hint(t("web_desk.evaluation_help")), body, opened,
        context.session().administrator ? interventionForm(context, { extra, onAdded: added }) : "",
      );
      asked ??= fetchJson(PATH).catch((error) => {
        asked = null;
        showError(error);
      });
      const open = (id) => {
        opened.replaceChildren(hint(t("web.loading")));
        fetchJson(`${PATH}/${encodeURIComponent(id)}`).then((found) => {
          opened.replaceChildren(wholeAnswer(found));
          opened.querySelector("h3").focus();
        }, (error) => {
          opened.replaceChildren();
          showError(error);
        });
      };
      const remove = ({ id }) => fetchJson(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE" }).then(again, showError);
      asked.then((found) => found && body.replaceChildren(table(t("web_desk.evaluation"), columns(open, remove), found.interventions)));
    },
  };
}
