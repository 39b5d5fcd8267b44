/** A room that asks for a plan: form, work in progress with cancel, result with spreadsheet and layer. */

import { ROOT } from "../../static/app/data.js";
import { announce, el } from "../../static/ui/dom.js";
import { fieldErrors } from "../../static/ui/forms.js";
import { currentLanguage, has, percent, t } from "../../static/i18n/i18n.js";
import { cancelJob, followJob, isOver, sheetPath, startJob } from "../../static/app/jobs.js";
import { errorKey } from "../../static/ui/messages.js";
import { problemInWords } from "./refusals.js";
import { problemBox, told } from "./shell.js";

/**
 * @param {object} spec `key`, `title`, `heading`, `intro` (string keys), `path`, `fields` (names the service knows), and
 *   `form(errors, redraw)` -> elements, `body()` -> `{body}` or `{errors}`, `result(job, redraw)` -> elements,
 *   `arrived(job)` when a result is there, `draw(result)` on the map, `prepare()` before the form is drawn, `leave()` to clear the map.
 */
export function createPlanRoom(context, spec) {
  let place = null;
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
      ...(done ? result() : [el("p", { class: "hint" }, t(spec.intro))]),
      problemBox(errors[""]) ?? "",
      running ? progressBox() : done
        ? el("details", { class: "more-options" }, el("summary", {}, t("changeInput")), form())
        : form(),
    );
  }

  function form() {
    return el(
      "form",
      { class: "plan-form", noValidate: true, onsubmit: begin },
      spec.form(errors, draw),
      el("p", { class: "row" }, el("button", { type: "submit", class: "primary" }, t("makePlan"))),
    );
  }

  function progressBox() {
    const text = el("p", { role: "status" }, t("planRunning"));
    const meter = el("progress", { "aria-label": t("planRunning"), max: 1 });
    bar = { text, meter, said: "" };
    showProgress();
    return el("div", { class: "running" }, text, meter, el("p", { class: "row" },
      el("button", { type: "button", class: "quiet", onclick: cancel }, t("cancelPlan"))));
  }

  function showProgress() {
    if (!bar) return;
    const { step, done, total } = job.progress ?? {};
    const share = total > 0 ? Math.min(1, done / total) : null;
    if (share === null) bar.meter.removeAttribute("value");
    else bar.meter.value = share;
    const name = has(`step_${step}`) ? t(`step_${step}`) : t(job.state === "queued" ? "planQueued" : "planRunning");
    // By tenths: a screen reader need not hear each of a hundred steps.
    const words = share === null ? name : `${name} ${percent(Math.floor(share * 10) / 10)}`;
    if (words !== bar.said) bar.text.textContent = bar.said = words;
  }

  function result() {
    const { assumption } = job.result;
    return [
      ...spec.result(job, draw),
      el("p", { class: "row actions" },
        el("a", { class: "button", href: new URL(sheetPath(job.id), ROOT).href, download: "" }, t("downloadSheet")),
        el("button", { type: "button", class: "quiet", onclick: forget }, t("newPlan"))),
      el("div", { class: "caveat" },
        el("h3", {}, t("caveatTitle")),
        el("ul", {}, [told(currentLanguage(), assumption), t("caveatModel")].filter(Boolean).map((text) => el("li", {}, text)))),
      el("p", { class: "release" }, `${t("release")} `, el("code", {}, job.result.release ?? job.release ?? "")),
    ];
  }

  async function begin(event) {
    event.preventDefault();
    const asked = spec.body();
    errors = asked.errors ?? {};
    if (asked.errors) return refuse();
    try {
      watch(await startJob(spec.path, asked.body));
      place.querySelector(".running button")?.focus();
    } catch (error) {
      errors = failure(error);
      refuse();
    }
  }

  function refuse() {
    draw();
    const wrong = place.querySelector("[aria-invalid=true]");
    (wrong ?? place.querySelector("h2"))?.focus();
  }

  function failure(error) {
    if (error.status === 429) return { "": t("tooManyPlans") };
    if (error.kind && error.kind !== "refused" && error.status !== 503) return { "": t(errorKey(error)) };
    return fieldErrors(problemInWords(error), spec.fields);
  }

  function watch(found) {
    stop?.();
    job = found;
    context.setWork(`${spec.key}:${found.id}`);
    draw();
    stop = followJob(found.id, { onChange: changed, onError: lost });
  }

  function changed(found) {
    job = found;
    if (!isOver(found)) return showProgress();
    errors = found.state === "failed" ? fieldErrors(problemInWords(found.problem ?? { detail: t("errorBroken") }), spec.fields) : {};
    if (found.state === "cancelled") errors = { "": t("planCancelled") };
    if (found.state === "done") spec.arrived(found);
    else context.setWork(spec.key);
    draw();
    announce(t({ done: "planDone", cancelled: "planCancelled" }[found.state] ?? "planFailed"));
    place?.querySelector("h2")?.focus();
  }

  function lost() {
    job = null;
    errors = { "": t("planLost") };
    context.setWork(spec.key);
    draw();
  }

  async function cancel() {
    try {
      const found = await cancelJob(job.id);
      stop?.();
      changed(found);
    } catch (error) {
      errors = failure(error);
      draw();
    }
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
      spec.prepare?.();
      // The legend is written anew in the language of the page.
      if (job?.state === "done") spec.draw(job.result);
      draw();
    },
    open(id) {
      if (job?.id === id) return;
      stop?.();
      job = { id, state: "queued" };
      errors = {};
      stop = followJob(id, { onChange: changed, onError: lost });
    },
    close() {
      stop?.();
      job = null;
    },
  };
}
