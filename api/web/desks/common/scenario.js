/** The room of scenarios (what-ifs): changes in, a map and tables out; stored and compared. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, keepingFocus, quietButton } from "../../static/ui/dom.js";
import { choiceField, textField } from "../../static/ui/forms.js";
import { capital, t, translated } from "../../static/i18n/i18n.js";
import { caveatBox, errorText, releaseLine } from "../../static/ui/messages.js";
import { viewOptions } from "../../static/map/overlay.js";
import { areaChanges as areaKinds } from "./change-kinds.js";
import { boxOf } from "./plan-room.js";
import { compared, scenarioTables } from "./scenario-tables.js";
import { savedList } from "./scenario-list.js";
import { areaChanges, fetchRegencies, scenarioPicture, strongest } from "./scenario-map.js";
import { problemBox, segments, submitForm } from "./shell.js";

/** Areas that change most which are brought into view, and half as many ports. */
const IN_VIEW = 8;

/**
 * `moreChanges(context)` gives the desk's kinds of change besides those of areas, `tableHelp` the keys of the help
 * texts of tables in persons.
 */
export function createScenarios(context, { moreChanges = () => [], tableHelp = {} } = {}) {
  let options = null;
  let ready = false;
  const kinds = [...moreChanges(context), ...areaKinds(context, () => options)];
  const parts = [...new Set(kinds.map(({ part }) => part))];
  let place = null;
  /** The changes, and those before each step, for undo. */
  let changes = [];
  let past = [];
  let card = null;
  let name = { name: "" };
  let kind = kinds[0];
  let form = null;
  let errors = {};
  let entryErrors = {};
  let result = null;
  let comparison = null;
  /** What the address names before a comparison. */
  let returnTo = "scenario";
  let busy = false;
  let view = "change";
  let regencies = [];
  let lastTurn = 0;
  const saved = savedList(context, { open, compare, draw: () => draw() });

  // ---- requests ---------------------------------------------------------------------------

  function scenario() {
    const entries = {};
    for (const { part, entry } of changes) (entries[part] ??= []).push(entry);
    return { name: name.name.trim(), ...entries };
  }

  /**
   * Request an answer and hand it to `accept`, or an error to `refuse`; one to an earlier request is dropped.
   * Meanwhile the room says that it is at work.
   */
  async function request(path, options, accept, refuse) {
    const turn = (lastTurn += 1);
    busy = true;
    draw();
    try {
      const answer = await fetchJson(path, options);
      if (turn === lastTurn) accept(answer);
    } catch (error) {
      if (turn === lastTurn) refuse(error);
    } finally {
      if (turn === lastTurn) busy = false;
      draw();
    }
  }

  function notThere(error) {
    errors = { "": error.status === 404 ? t("web_desk.scenario_not_there") : errorText(error) };
  }

  /** Request the effect of the changes. */
  async function evaluate({ save = false } = {}) {
    errors = {};
    entryErrors = {};
    comparison = null;
    if (changes.length > 0) {
      return request("v1/scenarios", { method: "POST", body: { ...scenario(), save } }, (answer) => arrived(answer, save), refuse);
    }
    lastTurn += 1;
    busy = false;
    result = null;
    context.draw([]);
    draw();
  }

  function arrived(answer, stored) {
    result = answer;
    busy = false;
    if (stored) {
      card = answer;
      context.setWork(`scenario:${answer.id}`);
      saved.load();
    } else context.setWork("scenario");
    drawLayer();
    const ports = located().sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
    context.bring(boxOf([...strongest(areaChanges(result, regencies)).slice(0, IN_VIEW), ...ports.slice(0, IN_VIEW / 2)]), 7);
    announce(t(stored ? "web_desk.scenario_stored" : "web_desk.scenario_done"));
  }

  function refuse(error) {
    result = null;
    context.draw([]);
    errors = { "": errorText(error) };
    for (const { field, message } of error.errors ?? []) {
      const [, part, position] = /^([a-z]+)\[(\d+)\]/.exec(field) ?? [];
      const change = changes.filter((candidate) => candidate.part === part)[Number(position)];
      if (!change) continue;
      entryErrors[changes.indexOf(change)] = capital(message);
      errors = { "": t("web_desk.scenario_wrong_change") };
    }
    if (error.errors?.some(({ field }) => field === "name")) errors = { name: t("web_desk.scenario_need_name") };
  }

  function step(next) {
    past.push(changes);
    changes = next;
    form = null;
    evaluate();
  }

  function undo() {
    if (past.length === 0) return;
    changes = past.pop();
    announce(t("web_desk.scenario_undone"));
    evaluate();
    place.querySelector("#s-undo")?.focus();
  }

  function clear() {
    card = null;
    name = { name: "" };
    step([]);
  }

  function open(id) {
    comparison = null;
    context.setWork(`scenario:${id}`);
    return request(`v1/scenarios/${encodeURIComponent(id)}`, {}, (answer) => {
      changes = parts.flatMap((part) => (answer.scenario?.[part] ?? []).map((entry) => ({ part, entry })));
      past = [];
      name = { name: answer.name ?? "" };
      errors = {};
      entryErrors = {};
      result = answer;
      card = answer;
      drawLayer();
    }, (error) => {
      result = null;
      notThere(error);
    });
  }

  async function compare(ids) {
    if (!comparison) returnTo = context.work()?.startsWith("scenario") ? context.work() : "scenario";
    context.setWork(`compare:${ids.join(",")}`);
    const query = ids.map((id) => `id=${encodeURIComponent(id)}`).join("&");
    await request(`v1/scenarios/compare?${query}`, {}, (answer) => {
      comparison = answer;
      errors = {};
      context.draw([]);
      announce(t("web_desk.scenario_compared", { count: answer.scenarios.length }));
    }, notThere);
    place?.querySelector("h2")?.focus();
  }

  // ---- map --------------------------------------------------------------------------------

  const located = () => (result?.terminals ?? []).map((row) => {
    const [lon, lat] = context.library.locate(row.id) ?? [];
    return { ...row, lon, lat };
  });

  function drawLayer() {
    if (view === "none" || !result) return context.draw([]);
    const ports = located();
    const { features, legend } = scenarioPicture(areaChanges(result, regencies), ports, view);
    context.draw(features, legend, ports.length > 0 ? ["terminals"] : []);
  }

  // ---- drawing ----------------------------------------------------------------------------

  function draw() {
    if (!place?.isConnected) return;
    keepingFocus(place, () => place.replaceChildren(...(comparison ? comparisonView() : mainView()).filter(Boolean)));
  }

  function comparisonView() {
    return [
      el("h2", { tabIndex: -1 }, t("web_desk.scenario_comparison")),
      problemBox(errors[""]),
      el("p", { class: "row actions" }, quietButton(`← ${t("web.back")}`, () => {
        comparison = null;
        context.setWork(returnTo);
        drawLayer();
        draw();
      })),
      ...compared(comparison),
    ];
  }

  function mainView() {
    return [
      el("h2", { tabIndex: -1 }, t("web_desk.scenario_title")),
      hint(t("web_desk.scenario_intro")),
      problemBox(errors[""]),
      ...(ready ? workView() : [el("p", { class: "hint", role: "status" }, t("web.loading"))]),
    ];
  }

  function workView() {
    return [
      changeList(),
      el("p", { class: "row actions" },
        quietButton(t("web_desk.scenario_undo"), undo, { id: "s-undo", disabled: past.length === 0 }),
        changes.length > 0 ? quietButton(t("web_desk.scenario_clear"), clear, { id: "s-clear" }) : null),
      addForm(),
      busy ? el("p", { class: "hint", role: "status" }, t("web_desk.running")) : null,
      ...(result && !busy ? resultView() : []),
      saved.render(card?.id ?? null),
    ];
  }

  function changeList() {
    if (changes.length === 0) return hint(t("web_desk.scenario_no_change"));
    return el("ol", { class: "changes" }, changes.map(({ part, entry }, i) => {
      const summary = kinds.find((candidate) => candidate.part === part)?.summary(entry) ?? part;
      return el("li", {},
        el("span", {}, summary, entryErrors[i] ? el("p", { class: "error", role: "alert" }, entryErrors[i]) : null),
        quietButton("×", () => {
          step(changes.filter((_, at) => at !== i));
          place.querySelector("#s-undo")?.focus();
        }, { "aria-label": t("web.remove", { name: summary }) }));
    }));
  }

  function addForm() {
    form ??= { state: kind.start(), errors: {} };
    const kindState = { kind: kind.key };
    return el(
      "form",
      { class: "plan-form", noValidate: true, onsubmit: (event) => {
        event.preventDefault();
        const { entry, errors: invalid } = kind.entry(form.state);
        form.errors = invalid ?? {};
        if (invalid) {
          draw();
          return place.querySelector("[aria-invalid=true]")?.focus();
        }
        step([...changes, { part: kind.part, entry }]);
        announce(t("web_desk.scenario_added", { change: kind.summary(entry) }));
      } },
      el("details", { class: "more-options", open: changes.length === 0 || form.open || Object.keys(form.errors).length > 0, ontoggle: (event) => {
        form.open = event.target.open;
      } },
      el("summary", {}, t("web_desk.scenario_add")),
      choiceField(kindState, "kind", {
        id: "s-what", label: t("web_desk.scenario_what"), options: kinds.map(({ key, title }) => [key, t(title)]),
        onChange: () => {
          kind = kinds.find(({ key }) => key === kindState.kind);
          kind.prepare?.();
          const start = kind.start();
          // the place that was named stays where the new kind has one too
          if (start.area) start.area = form.state.area ?? start.area;
          form = { state: start, errors: {}, open: true };
          draw();
        },
      }),
      kind.fields(form.state, form.errors, draw).filter(Boolean),
      el("p", { class: "row" }, el("button", { type: "submit", class: "primary" }, t("web_desk.scenario_add_button")))),
    );
  }

  function save() {
    if (name.name.trim()) return evaluate({ save: true });
    errors = { name: t("web_desk.scenario_need_name") };
    draw();
    return place.querySelector("#s-name")?.focus();
  }

  function resultView() {
    const notes = [...(result.notes ?? []), ...(result.assumptions ?? [])].map(translated);
    return [
      el("h3", {}, t("web_desk.scenario_result")),
      result.re_evaluated ? hint(t("web_desk.scenario_re_evaluated", { release: result.saved_release })) : null,
      segments(t("web_desk.scenario_on_map"), viewOptions(), view, (chosen) => {
        view = chosen;
        drawLayer();
        draw();
        place.querySelector(`.segments [data-value=${chosen}]`)?.focus();
      }),
      ...scenarioTables(result, tableHelp),
      result.total ? hint(t("web_desk.scenario_central_help")) : null,
      caveatBox([...notes, t("web.caveat_model")]),
      submitForm(save, t("web_desk.scenario_save"), { id: "s-save" },
        textField(name, "name", { id: "s-name", label: t("web_desk.scenario_name"), error: errors.name, maxLength: 120 })),
      releaseLine(result.release),
    ];
  }

  async function prepare() {
    const lists = [context.library.load("areas"), context.library.load("terminals"), saved.load()];
    try {
      options ??= await fetchJson("v1/scenarios/options");
      if (regencies.length === 0) regencies = await fetchRegencies(context.session());
    } catch (error) {
      errors = { "": errorText(error) };
    }
    await Promise.all(lists);
    // Drawn once everything has arrived: redrawing a form loses what was typed.
    ready = true;
    if (result) drawLayer();
    draw();
  }

  return {
    key: "scenario",
    title: "web_desk.scenarios",
    render(body) {
      place = body;
      if (result) drawLayer();
      draw();
      prepare();
    },
    open: (id) => void open(id),
    compare,
    /** The address names the room alone: what stood here before a comparison. */
    resume() {
      comparison = null;
    },
    /** The address names no scenario any more: as before the first change. */
    leave() {
      if (!result && !comparison) return;
      changes = [];
      past = [];
      card = null;
      evaluate();
    },
    /** Begin with these changes, as if they had been added by hand. */
    begin(entries) {
      past.push(changes);
      changes = entries;
      card = null;
      form = null;
      evaluate();
    },
    close() {
      lastTurn += 1;
      result = null;
    },
  };
}
