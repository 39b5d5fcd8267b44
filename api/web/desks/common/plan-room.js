/** A room for a plan: form, running job with cancel, result with spreadsheet and layer. */

import { ROOT } from "../../static/app/data.js";
import { NARROW, announce, el, hint, mark, quietButton } from "../../static/ui/dom.js";
import { fieldErrors } from "../../static/ui/forms.js";
import { t, translated, whole } from "../../static/i18n/i18n.js";
import { caveatBox, releaseLine } from "../../static/ui/messages.js";
import { bounds } from "../../static/map/geometry.js";
import { cancelJob, followJob, isOver, sheetPath, startJob } from "../../static/app/jobs.js";
import { adoption } from "./adoption.js";
import { jobProgress } from "./job-progress.js";
import { problemBox, submitForm } from "./shell.js";

/**
 * @param {object} spec `key`, `title`, `heading`, `intro` (keys of texts), `path`, `fields` (names of the service's fields), and
 *   `form(errors, redraw)` -> elements, `body()` -> `{body}` or `{errors}`, `result(job, redraw)` -> elements,
 *   `arrived(job)` when a result is there, `draw(result)` on the map, `leave()` to clear the map, and `layers`, whose places the
 *   form offers. `waits(job)`, where there is one, says whether its files are not to be had yet.
 */
export function createPlanRoom(context, spec) {
  let place = null;
  /** Whether the layers have arrived: a form drawn before does not know the names of its places. */
  let ready = false;
  let job = null;
  let errors = {};
  let stop = null;
  let bar = null;

  function draw() {
    if (!place?.isConnected) return;
    const running = job && !isOver(job);
    const done = job?.state === "done";
    bar = null;
    place.replaceChildren(
      el("h2", { tabIndex: -1 }, t(spec.heading)),
      ...(done ? result() : [hint(t(spec.intro))]),
      problemBox(errors[""]) ?? "",
      running ? progressBox() : done
        ? el("details", { class: "more-options change-input", open: Object.keys(errors).length > 0 || place.querySelector(".change-input[open]") !== null },
          el("summary", {}, t("web_desk.change_input")), form())
        : form(),
    );
  }

  function form() {
    if (!ready) return el("p", { class: "hint", role: "status" }, t("web.loading"));
    return submitForm(begin, t("web_desk.make_plan"), { class: "primary" }, spec.form(errors, draw));
  }

  function progressBox() {
    bar = jobProgress(cancel);
    bar.update(job);
    return bar.element;
  }

  function result() {
    const { assumption } = job.result;
    return [
      ...spec.result(job, draw),
      el("p", { class: "row actions" },
        spec.waits?.(job) ? quietButton(t("web_desk.look_again"), () => watch(job)) : el(
          "a", { class: "button", href: new URL(sheetPath(job.id), ROOT).href, download: "" }, t("web_desk.download_sheet")),
        quietButton(t("web_desk.new_plan"), forget)),
      spec.waits?.(job) ? "" : adoption(context, job),
      caveatBox([translated(assumption), t("web.caveat_model")].filter(Boolean)),
      releaseLine(job.result.release ?? job.release),
    ];
  }

  async function begin() {
    const request = spec.body();
    errors = request.errors ?? {};
    if (request.errors) return refuse();
    try {
      watch(await startJob(spec.path, request.body));
      place.querySelector(".running button")?.focus();
    } catch (error) {
      errors = fieldErrors(error, spec.fields);
      refuse();
    }
  }

  function refuse() {
    draw();
    const wrong = place.querySelector("[aria-invalid=true]");
    (wrong ?? place.querySelector("h2"))?.focus();
  }

  function watch(started) {
    stop?.();
    job = started;
    context.setWork(`${spec.key}:${job.id}`);
    draw();
    stop = followJob(job.id, { onChange: changed, onError: lost });
  }

  function changed(latest) {
    job = latest;
    if (!isOver(job)) return bar?.update(job);
    errors = job.state === "failed" ? fieldErrors(job.problem ?? {}, spec.fields) : {};
    if (job.state === "cancelled") errors = { "": t("web_desk.plan_cancelled") };
    if (job.state === "done") spec.arrived(job);
    else context.setWork(spec.key);
    draw();
    announce(t({ done: "web_desk.plan_done", cancelled: "web_desk.plan_cancelled" }[job.state] ?? "web_desk.plan_failed"));
    place?.querySelector("h2")?.focus();
  }

  function lost() {
    job = null;
    errors = { "": t("web_desk.plan_lost") };
    context.setWork(spec.key);
    draw();
  }

  async function cancel() {
    try {
      const cancelled = await cancelJob(job.id);
      stop?.();
      changed(cancelled);
    } catch (error) {
      errors = fieldErrors(error, spec.fields);
      draw();
    }
  }

  async function prepare() {
    await Promise.all(spec.layers.map((name) => context.library.load(name)));
    ready = true;
    draw();
  }

  function forget() {
    stop?.();
    job = null;
    errors = {};
    spec.leave();
    context.setWork(spec.key);
    draw();
    place.querySelector("input, select")?.focus();
  }

  return {
    key: spec.key,
    title: spec.title,
    render(body) {
      place = body;
      // Draws the legend again in the language of the page.
      if (job?.state === "done") spec.draw(job.result);
      draw();
      if (!ready) prepare();
    },
    open(id) {
      if (job?.id === id) return;
      stop?.();
      job = { id, state: "queued" };
      errors = {};
      stop = followJob(id, { onChange: changed, onError: lost });
    },
    /** The address names no plan any more. */
    leave() {
      if (!job) return;
      stop?.();
      job = null;
      errors = {};
      spec.leave();
      draw();
    },
    close() {
      stop?.();
      job = null;
    },
  };
}

/** What a plan costs, in all and a person; null where no costs were entered. `key` names the text of the total. */
export function costText(key, plan) {
  if (!Number.isFinite(plan.cost)) return null;
  const each = Number.isFinite(plan.cost_per_person) ? t("web_desk.cost_per_person", { cost: whole(plan.cost_per_person) }) : "";
  return el("p", {}, [t(key, { cost: whole(plan.cost) }), each].join(" "));
}

/**
 * The places of a plan in their order, with the code of those that have one; `facts(row)` gives `{kind, amount, note}` of one.
 * A click brings it into view; where the map is not beside the list, it opens the card of the place, of this `type`.
 */
export const rankedList = (context, type, rows, facts) => el("ol", { class: "ranked" }, rows.map((row, i) => {
  const { kind, amount, note, mark: said } = facts(row);
  const show = () => (NARROW.matches ? context.select({ type, id: row.id }) : context.bring([[row.lon, row.lat], [row.lon, row.lat]], 9));
  return el("li", {},
    el("span", { class: "rank" }, String(row.rank ?? i + 1)),
    el("div", {},
      el("button", { type: "button", class: "item", "data-key": row.id, onclick: show },
        el("span", { class: "item-name" }, row.name, " ", el("small", {}, [kind, row.code].filter(Boolean).join(" · "))),
        el("span", { class: "item-facts" }, amount)),
      el("small", {}, note), said ? el("p", {}, el("small", {}, el("strong", {}, said))) : ""));
}));

/** The legend's row of numbered places. */
export const numberedLegend = (colour, text) => [mark("disc", colour, "1"), t(text)];

/** The box around rows with `lon` and `lat`; null without any. */
export const boxOf = (rows) =>
  bounds(rows.filter((row) => Number.isFinite(row.lon)).map((row) => [row.lon, row.lat]));
