/** Planned against done of a period: by regency, the villages with their state, and these on the map. */

import { fetchJson } from "../../static/app/data.js";
import { decimals, month, t, whole } from "../../static/i18n/i18n.js";
import { numbered } from "../../static/map/overlay.js";
import { el, hint, mark, quietButton } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { longTable, table } from "../../static/ui/tables.js";
import { nearPeriods, periodName, thisQuarter } from "../common/periods.js";
import { boxOf } from "../common/plan-room.js";
import { problemBox, segments } from "../common/shell.js";

/** Which villages are listed and drawn, and the colour of each group: dark is done, bright is left to do. */
const GROUPS = { open: "#e7298a", visited: "#0b4f5c" };
const groupOf = ({ state }) => (state === "open" ? "open" : "visited");
const shareOf = ({ visited, villages, visited_share: share }) =>
  [t("web_planner.coverage_of", { listed: visited, villages }), share === null ? "" : `(${decimals(share, 1)}%)`].join(" ");

/** `context.session()` names the province; `place` is where the section stands. */
export function createPlannedCoverage(context) {
  const state = { period: thisQuarter() };
  let answer = null;
  let problem = null;
  let place = null;
  let onMap = false;
  let group = "all";
  /** Code of the regency whose villages are listed; null for all. */
  let regency = null;

  async function load() {
    const { period } = state;
    try {
      const { planned } = await fetchJson(`v1/coverage?${new URLSearchParams({ within: context.session().province, period })}`);
      if (period !== state.period) return; // another was chosen meanwhile
      [answer, problem, regency] = [planned, null, null];
    } catch (error) {
      [answer, problem] = [null, errorText(error)];
    }
    draw();
  }

  const villages = () => answer.villages.filter((row) =>
    (group === "all" || groupOf(row) === group) && (regency === null || row.area === regency));

  function picture() {
    const rows = onMap && answer ? villages() : [];
    if (rows.length === 0) return context.draw([]);
    const tip = (row) => `${row.name}: ${t(`adopted.state_${row.state}`)}`;
    const drawn = Object.entries(GROUPS).flatMap(([name, colour]) =>
      numbered(rows.filter((row) => groupOf(row) === name).map((row) => ({ ...row, rank: "" })), { colour, tip }));
    return context.draw(drawn, {
      title: t("web_planner.planned"),
      rows: Object.entries(GROUPS).map(([name, colour]) => [mark("disc", colour), t(`web_planner.planned_${name}`)]),
    }, ["areas"]);
  }

  function draw() {
    if (!place?.isConnected) return;
    place.replaceChildren(
      el("h3", {}, t("web_planner.planned")),
      choiceField(state, "period", {
        id: "coverage-period", label: t("web_desk.report_period"), options: nearPeriods().map((code) => [code, periodName(code)]), onChange: load,
      }),
      problemBox(problem) ?? "",
      ...(answer ? figures() : problem ? [] : [hint(t("web.loading"))]));
    picture();
  }

  function figures() {
    const { total, areas } = answer;
    const name = context.areaName(total.code) ?? total.name;
    const columns = [
      ["coverage_area", (row) => (answer.villages.some(({ area }) => area === row.code)
        ? quietButton(row.name, () => choose(row.code), { class: "quiet small", "aria-pressed": String(regency === row.code) }) : row.name)],
      ["planned_planned", ({ planned }) => whole(planned), true],
      ["planned_done", ({ done }) => whole(done), true],
      ["planned_open", ({ open }) => whole(open), true],
      ["planned_beside", ({ unplanned }) => whole(unplanned), true],
      ["coverage_visited", shareOf, true],
    ].map(([key, value, number]) => ({ title: t(`web_planner.${key}`), value, number }));
    const more = ["done_before", "other_month"].filter((one) => total[one] > 0).map((one) => t(`web_planner.planned_${one}`, { count: total[one] }));
    return [
      total.planned === 0 ? "" : el("p", { class: "key-figure" }, t("web_planner.planned_figure", total)),
      el("p", {}, t("web_planner.planned_sentence", { name, beside: total.unplanned, share: shareOf(total) }), more.map((text) => ` ${text}`),
        total.departures_share === null ? "" : ` ${t("web_planner.planned_departures", { share: decimals(total.departures_share, 1) })}`),
      total.planned === 0 ? hint(t("web_planner.planned_none")) : "",
      areas.length > 0 ? table(t("web_planner.planned"), columns, areas) : "",
      ...(answer.villages.length > 0 ? list() : []),
      hint(t("adopted.period_note")),
    ];
  }

  function choose(code) {
    regency = regency === code ? null : code;
    show();
  }

  /** Draw again, and bring what is drawn into view. */
  function show() {
    draw();
    if (onMap) context.bring(boxOf(villages()), 9);
  }

  function list() {
    const columns = [
      ["coverage_village", ({ name, code }) => el("span", {}, name, " ", el("small", {}, code))],
      ["planned_state", (row) => t(`adopted.state_${row.state}`)],
      ["planned_planned", ({ planned }) => (planned ? month(planned) : "–")],
      ["planned_visited_in", ({ done }) => (done ? month(done) : "–")],
    ].map(([key, value]) => ({ title: t(`web_planner.${key}`), value }));
    const name = regency === null ? "" : answer.areas.find(({ code }) => code === regency)?.name;
    return [
      el("h4", {}, [t("web_planner.planned_villages"), name].filter(Boolean).join(": ")),
      segments(t("web_planner.planned_filter"), ["all", ...Object.keys(GROUPS)].map((key) => [key, t(`web_planner.planned_${key}`)]), group, (chosen) => {
        group = chosen;
        show();
      }),
      el("p", { class: "row actions" },
        quietButton(t(onMap ? "web_desk.hide_from_map" : "web.show_on_map"), () => {
          onMap = !onMap;
          show();
        }, { "aria-pressed": String(onMap) })),
      longTable(t("web_planner.planned_villages"), columns, villages()),
    ];
  }

  return {
    /** Put the section into an element, as it is now on record. */
    render(element) {
      place = element;
      draw();
      load();
    },
    close() {
      place = null;
    },
  };
}
