/** The rebuild that brings imports into the map: how far it is, and for an administrator its start. */

import { fetchJson } from "../../static/app/data.js";
import { isOver } from "../../static/app/jobs.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { className, moment, persons, score, t } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";
import { jobProgress } from "./job-progress.js";
import { problemBox } from "./shell.js";

const PATH = "v1/rebuild";
const POLL_MS = 1500;

/** `administrator()` may start one; `waiting()` are sentences on what it would change; `arrived()` is called when it is done. */
export function rebuildBox({ administrator, waiting, arrived, draw }) {
  let rebuild = null;
  let problem = "";
  let bar = null;
  let timer = 0;

  async function request(method) {
    try {
      const answer = await fetchJson(PATH, { method });
      problem = "";
      changed(answer.rebuild);
    } catch (error) {
      problem = errorText(error);
      draw();
    }
  }

  function changed(latest) {
    const finished = rebuild && !isOver(rebuild) && isOver(latest);
    const first = !rebuild || isOver(rebuild) !== isOver(latest);
    rebuild = latest;
    clearTimeout(timer);
    if (latest && !isOver(latest)) timer = setTimeout(() => request("GET"), POLL_MS);
    if (finished) {
      announce(t(`web_desk.rebuild_${latest.state}`));
      arrived();
    }
    if (first || finished) draw();
    else bar?.update(latest);
  }

  function render() {
    const sentences = waiting();
    const running = rebuild && !isOver(rebuild);
    bar = running ? jobProgress(administrator() ? () => request("DELETE") : null) : null;
    bar?.update(rebuild);
    if (!running && sentences.length === 0 && !rebuild) return [];
    return [
      el("h3", {}, t("web_desk.rebuild_heading")),
      problemBox(problem),
      ...sentences.map((text) => el("p", {}, text)),
      running ? el("p", {}, t("web_desk.rebuild_running", { by: rebuild.by, when: moment(rebuild.created) })) : null,
      bar?.element,
      !running && sentences.length > 0 ? start() : null,
      ...(rebuild && !running ? outcome() : []),
    ].filter(Boolean);
  }

  const start = () => (administrator()
    ? el("p", { class: "row" }, el("button", { type: "button", id: "i-rebuild", class: "primary", onclick: () => request("POST") }, t("web_desk.rebuild_start")))
    : hint(t("web_desk.rebuild_by_administrator")));

  function outcome() {
    if (rebuild.state !== "done") return [problemBox(rebuild.problem?.detail ?? t(`web_desk.rebuild_${rebuild.state}`))];
    const { areas } = rebuild.result;
    const withNumbers = areas.some((area) => area.departures);
    const pair = ({ before, after }, write) => [...new Set([before, after].map((value) => (value === null ? "–" : write(value))))].join(" → ");
    return [
      el("p", { role: "status" }, t("web_desk.rebuild_done")),
      el("p", { class: "row" }, quietButton(t("web_desk.rebuild_show"), () => location.reload())),
      areas.length === 0 ? hint(t("web_desk.rebuild_same")) : table(t("web_desk.rebuild_moved"), [
        { title: t("web_desk.rebuild_moved"), value: ({ name }) => name },
        ...(withNumbers ? [
          { title: t("web_desk.rebuild_departures"), number: true, value: (area) => pair(area.departures, persons) },
          { title: t("web_desk.rebuild_score"), number: true, value: (area) => pair(area.score, score) },
        ] : []),
        { title: t("web_desk.rebuild_class"), value: (area) => pair(area.class, className) },
      ], areas),
    ];
  }

  return {
    load: () => request("GET"),
    render,
    close: () => clearTimeout(timer),
  };
}
