/** Scenarios: what would change if some things were different. Changes in, tables and a layer out; kept and compared. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, keepingFocus } from "../../static/ui/dom.js";
import { choiceField, textField } from "../../static/ui/forms.js";
import { currentLanguage, t } from "../../static/i18n/i18n.js";
import { errorKey } from "../../static/ui/messages.js";
import { VIEWS, changeLegend, changed } from "../../static/map/overlay.js";
import { areaChanges } from "./change-kinds.js";
import { compared, scenarioTables } from "./scenario-tables.js";
import { inWords, problemInWords } from "./refusals.js";
import { savedList } from "./scenario-list.js";
import { problemBox, segments, told } from "./shell.js";

/** `own(context)` gives the kinds of change this desk has besides those of areas. */
export function createScenarios(context, { own }) {
  let options = null;
  let ready = false;
  const kinds = [...own(context), ...areaChanges(context, () => options)];
  const parts = [...new Set(kinds.map(({ part }) => part))];
  let place = null;
  /** Changes now, and what they were before each step: undoing takes the last step back. */
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
  let busy = false;
  let view = "change";
  let asked = 0;
  const saved = savedList(context, { open, compare, draw: () => draw() });

  // ---- asking -----------------------------------------------------------------------------

  function scenario() {
    const said = {};
    for (const { part, entry } of changes) (said[part] ??= []).push(entry);
    return { name: name.name.trim(), ...said };
  }

  /** Ask anew for what the changes do; an answer that comes late is dropped. */
  async function evaluate({ save = false } = {}) {
    const turn = (asked += 1);
    errors = {};
    entryErrors = {};
    comparison = null;
    if (changes.length === 0) {
      result = null;
      context.draw([], null);
      return draw();
    }
    busy = true;
    draw();
    try {
      const answer = await fetchJson("v1/scenarios", { method: "POST", body: { ...scenario(), save } });
      if (turn !== asked) return;
      arrived(answer, save);
    } catch (error) {
      if (turn !== asked) return;
      refuse(error);
    } finally {
      if (turn === asked) busy = false;
      draw();
    }
  }

  function arrived(answer, kept) {
    result = answer;
    busy = false;
    if (kept) {
      card = answer;
      context.setWork(`scenario:${answer.id}`);
      saved.load();
    } else context.setWork("scenario");
    if (answer.terminals) context.showOnly(["terminals"]);
    drawLayer();
    announce(t(kept ? "s_kept" : "s_done"));
  }

  function refuse(error) {
    result = null;
    context.draw([], null);
    if (error.kind && error.kind !== "refused" && error.status !== 503) {
      errors = { "": t(errorKey(error)) };
      return;
    }
    const problem = problemInWords(error);
    errors = { "": problem.detail || t("errorBroken") };
    for (const { field, message } of problem.errors) {
      const at = /^([a-z]+)\[(\d+)\]/.exec(field);
      const mine = at && changes.filter(({ part }) => part === at[1])[Number(at[2])];
      if (!mine) continue;
      entryErrors[changes.indexOf(mine)] = message;
      errors = { "": t("s_wrongChange") };
    }
    if (problem.errors.some(({ field }) => field === "name")) errors = { name: t("s_needName") };
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
    announce(t("s_undone"));
    evaluate();
    place.querySelector("#s-undo")?.focus();
  }

  async function open(id) {
    const turn = (asked += 1);
    busy = true;
    comparison = null;
    context.setWork(`scenario:${id}`);
    draw();
    try {
      const answer = await fetchJson(`v1/scenarios/${encodeURIComponent(id)}`);
      if (turn !== asked) return;
      changes = parts.flatMap((part) => (answer.scenario?.[part] ?? []).map((entry) => ({ part, entry })));
      past = [];
      name = { name: answer.name ?? "" };
      errors = {};
      entryErrors = {};
      result = answer;
      card = answer;
      drawLayer();
    } catch (error) {
      if (turn !== asked) return;
      errors = { "": error.status === 404 ? t("s_notThere") : inWords(error.detail ?? "") || t(errorKey(error)) };
      result = null;
    } finally {
      if (turn === asked) busy = false;
      draw();
    }
  }

  async function compare(ids) {
    const turn = (asked += 1);
    context.setWork(`compare:${ids.join(",")}`);
    busy = true;
    draw();
    try {
      const answer = await fetchJson(`v1/scenarios/compare?${ids.map((id) => `id=${encodeURIComponent(id)}`).join("&")}`);
      if (turn !== asked) return;
      comparison = answer;
      errors = {};
      context.draw([], null);
      announce(t("s_compared", { count: answer.scenarios.length }));
    } catch (error) {
      errors = { "": error.status === 404 ? t("s_notThere") : inWords(error.detail ?? "") || t(errorKey(error)) };
    } finally {
      busy = false;
      draw();
      place?.querySelector("h2")?.focus();
    }
  }

  // ---- map --------------------------------------------------------------------------------

  const located = () => (result?.terminals ?? []).map((row) => {
    const [lon, lat] = context.library.locate(row.id) ?? [];
    return { ...row, lon, lat };
  });

  function drawLayer() {
    const rows = located();
    if (view === "none" || rows.length === 0) return context.draw([], null);
    context.draw(changed(rows, view), changeLegend(rows, view));
  }

  // ---- drawing ----------------------------------------------------------------------------

  function draw() {
    if (!place?.isConnected) return;
    keepingFocus(place, () => place.replaceChildren(...(comparison ? comparisonView() : mainView()).filter(Boolean)));
  }

  function comparisonView() {
    return [
      el("h2", { tabIndex: -1 }, t("s_comparison")),
      problemBox(errors[""]),
      el("p", { class: "row actions" }, el("button", { type: "button", class: "quiet", onclick: () => {
        comparison = null;
        context.setWork("scenario");
        drawLayer();
        draw();
      } }, `← ${t("back")}`)),
      ...compared(comparison),
    ];
  }

  function mainView() {
    return [
      el("h2", { tabIndex: -1 }, t("scenarioTitle")),
      el("p", { class: "hint" }, t("scenarioIntro")),
      problemBox(errors[""]),
      ...(ready ? workView() : [el("p", { class: "hint", role: "status" }, t("loading"))]),
    ];
  }

  function workView() {
    return [
      changeList(),
      el("p", { class: "row actions" },
        el("button", { type: "button", id: "s-undo", class: "quiet", disabled: past.length === 0, onclick: undo }, t("s_undo")),
        changes.length > 0 ? el("button", { type: "button", id: "s-clear", class: "quiet", onclick: () => {
          card = null;
          name = { name: "" };
          step([]);
        } }, t("s_clear")) : null),
      addForm(),
      busy ? el("p", { class: "hint", role: "status" }, t("s_busy")) : null,
      ...(result && !busy ? resultView() : []),
      saved.render(card?.id ?? null),
    ];
  }

  function changeList() {
    if (changes.length === 0) return el("p", { class: "hint" }, t("s_noChange"));
    return el("ol", { class: "changes" }, changes.map(({ part, entry }, i) => {
      const words = kinds.find((one) => one.part === part)?.words(entry) ?? part;
      return el("li", {},
        el("span", {}, words, entryErrors[i] ? el("p", { class: "error", role: "alert" }, entryErrors[i]) : null),
        el("button", { type: "button", class: "quiet", "aria-label": t("takeOut", { name: words }), onclick: () => {
          step(changes.filter((_, at) => at !== i));
          place.querySelector("#s-undo")?.focus();
        } }, "×"));
    }));
  }

  function addForm() {
    form ??= { state: kind.start(), errors: {} };
    const kindState = { kind: kind.key };
    return el(
      "form",
      { class: "plan-form", noValidate: true, onsubmit: (event) => {
        event.preventDefault();
        const { entry, errors: wrong } = kind.entry(form.state);
        form.errors = wrong ?? {};
        if (wrong) {
          draw();
          return place.querySelector("[aria-invalid=true]")?.focus();
        }
        step([...changes, { part: kind.part, entry }]);
        announce(t("s_added", { change: kind.words(entry) }));
      } },
      el("details", { class: "more-options", open: changes.length === 0 || form.open || Object.keys(form.errors).length > 0, ontoggle: (event) => {
        form.open = event.target.open;
      } },
      el("summary", {}, t("s_add")),
      choiceField(kindState, "kind", {
        id: "s-what", label: t("s_what"), options: kinds.map((one) => [one.key, t(`s_kind_${one.key}`)]),
        onChange: () => {
          kind = kinds.find((one) => one.key === kindState.kind);
          kind.prepare?.();
          form = { state: kind.start(), errors: {}, open: true };
          draw();
        },
      }),
      kind.fields(form.state, form.errors, draw).filter(Boolean),
      el("p", { class: "row" }, el("button", { type: "submit", class: "primary" }, t("s_addButton")))),
    );
  }

  function resultView() {
    const language = currentLanguage();
    const views = [...VIEWS.map((one) => [one, t(`view_${one}`)]), ["none", t("view_none")]];
    const notes = [...(result.notes ?? []), ...(result.assumptions ?? [])].map((text) => told(language, text));
    return [
      el("h3", {}, t("s_result")),
      result.re_evaluated ? el("p", { class: "hint" }, t("s_reEvaluated", { release: result.saved_release })) : null,
      result.terminals?.length ? segments(t("s_onMap"), views, view, (one) => {
        view = one;
        drawLayer();
        draw();
        place.querySelector(`.segments [data-value=${one}]`)?.focus();
      }) : null,
      ...scenarioTables(result),
      result.total ? el("p", { class: "hint" }, t("s_centralHelp")) : null,
      el("div", { class: "caveat" },
        el("h3", {}, t("caveatTitle")),
        el("ul", {}, [...notes, t("caveatModel")].map((text) => el("li", {}, text)))),
      el("form", { class: "plan-form", noValidate: true, onsubmit: (event) => {
        event.preventDefault();
        if (!name.name.trim()) {
          errors = { name: t("s_needName") };
          draw();
          return place.querySelector("#s-name")?.focus();
        }
        evaluate({ save: true });
      } },
      textField(name, "name", { id: "s-name", label: t("s_name"), error: errors.name, maxLength: 120 }),
      el("p", { class: "row" }, el("button", { type: "submit", id: "s-save" }, t("s_save")))),
      el("p", { class: "release" }, `${t("release")} `, el("code", {}, result.release ?? "")),
    ];
  }

  async function prepare() {
    const lists = [context.library.load("areas"), context.library.load("terminals"), saved.load()];
    try {
      options ??= await fetchJson("v1/scenarios/options");
    } catch (error) {
      errors = { "": inWords(error.detail ?? "") || t(errorKey(error)) };
    }
    await Promise.all(lists);
    // Drawn once when all is there: a form that is drawn anew under the hand loses what was typed.
    ready = true;
    draw();
  }

  return {
    key: "scenario",
    title: "scenarios",
    render(body) {
      place = body;
      if (result) drawLayer();
      draw();
      prepare();
    },
    open: (id) => void open(id),
    compare,
    /** Begin with these changes, as if they had been added by hand. */
    begin(given) {
      past.push(changes);
      changes = given;
      card = null;
      form = null;
      evaluate();
    },
    close() {
      asked += 1;
      result = null;
    },
  };
}
