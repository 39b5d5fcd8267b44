/** Imports that count, with who and when, those that wait for the next build, and those taken back. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { moment, t, whole } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { problemBox } from "./shell.js";

/** `kindTitle(kind)` and `draw()` are the room's; `undone()` is called when an import was taken back. */
export function importHistory({ kindTitle, draw, undone }) {
  let answer = null;
  let problem = "";
  /** The import whose undoing waits for a second click. */
  let asked = null;

  async function load() {
    try {
      answer = await fetchJson("v1/imports");
      problem = "";
    } catch (error) {
      problem = errorText(error);
    }
    draw();
  }

  async function undo(entry) {
    asked = null;
    try {
      await fetchJson(`v1/imports/${encodeURIComponent(entry.id)}`, { method: "DELETE" });
      announce(t("web_desk.import_undone", { file: entry.file }));
      undone();
    } catch (error) {
      problem = errorText(error);
      return draw();
    }
    return load();
  }

  const named = (ids, entries) => entries.filter(({ id }) => ids.includes(id)).map(({ file }) => file).join(", ");

  /** What the next build will change, one sentence each. */
  function waiting() {
    if (!answer) return [];
    const { imports, history, waiting: added, undone: removed } = answer;
    return [
      added.length > 0 ? t("web_desk.import_waiting", { count: added.length, files: named(added, imports) }) : "",
      removed.length > 0 ? t("web_desk.import_undone_in_build", { count: removed.length, files: named(removed, history) }) : "",
    ].filter(Boolean);
  }

  function facts(entry) {
    const parts = [kindTitle(entry.kind), t("web_desk.import_rows", { count: entry.rows }), t("web_desk.import_by", { by: entry.by, when: moment(entry.applied_at) })];
    if (entry.under) parts.push(t("web_desk.import_under", { number: entry.under }));
    if (answer.waiting.includes(entry.id)) parts.push(t("web_desk.import_waits"));
    if (entry.undone_at) parts.push(t("web_desk.import_undone_by", { by: entry.undone_by, when: moment(entry.undone_at) }));
    return el("small", {}, parts.join(" · "));
  }

  const card = (entry) => el("li", { "data-key": entry.id },
    el("strong", {}, entry.file),
    el("br"),
    facts(entry),
    entry.undone_at ? null : el("p", { class: "row actions" }, asked === entry.id
      ? [
        el("span", {}, t("web_desk.import_undo_sure")),
        quietButton(t("web_desk.import_undo_yes"), () => undo(entry), { "data-key": `yes-${entry.id}` }),
        quietButton(t("web.cancel"), () => {
          asked = null;
          draw();
        }),
      ]
      : quietButton(t("web_desk.import_undo"), () => {
        asked = entry.id;
        draw();
        document.querySelector(`[data-key="yes-${entry.id}"]`)?.focus();
      }, { "aria-label": `${t("web_desk.import_undo")}: ${entry.file}` })));

  function render() {
    if (!answer) return problem ? [problemBox(problem)] : [];
    const { imports, history } = answer;
    return [
      el("h3", {}, t("web_desk.import_history")),
      problemBox(problem),
      imports.length > 0
        ? el("ul", { class: "cards" }, [...imports].reverse().map(card))
        : hint(t("web_desk.import_none")),
      history.length > 0
        ? el("details", { class: "more-options" },
          el("summary", {}, t("web_desk.import_taken_back", { count: whole(history.length) })),
          el("ul", { class: "cards" }, [...history].reverse().map(card)))
        : null,
    ].filter(Boolean);
  }

  return { load, render, waiting };
}
