/** The room for an office's own files: send, see what was understood, correct, confirm, undo. */

import { ROOT, fetchJson } from "../../static/app/data.js";
import { announce, el, hint, keepingFocus, quietButton } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { capital, currentLanguage, t, translated } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { importHistory } from "./import-history.js";
import { problemText, questions } from "./import-problem.js";
import { reportView } from "./import-report.js";
import { rebuildBox } from "./rebuild.js";
import { problemBox, submitForm } from "./shell.js";

const READING_MS = 300_000;
const ENDINGS = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.geojson,.json,.geojsonl,.gpkg,.parquet,.fgb,.kml,.kmz,.zip,.gz,.pbf,.osm";

export function createImports(context) {
  let place = null;
  let kinds = null;
  let kindsLanguage = "";
  /** The names of measures and indicators, which the model takes a while to give. */
  let named = null;
  let file = null;
  let phase = "choose"; // reading, report, stored
  let report = null;
  let problem = null;
  let answers = freshAnswers();
  let agreements = [];
  const state = { kind: "", under: "" };

  const kindOf = () => kinds?.find(({ kind }) => kind === state.kind);
  const kindTitle = (name) => kinds?.find(({ kind }) => kind === name)?.title ?? name;
  const history = importHistory({
    kindTitle,
    draw,
    undone: () => {
      if (phase === "stored") other();
    },
  });
  const rebuild = rebuildBox({
    administrator: () => context.session().administrator,
    waiting: history.waiting,
    arrived: history.load,
    draw,
  });

  function freshAnswers() {
    return { sheet: "", layer: "", codes: "", decimal: "", map: {}, newMeasures: new Set() };
  }

  // ---- drawing

  function draw() {
    if (!place?.isConnected || !kinds) return;
    keepingFocus(place, () => place.replaceChildren(el("div", { class: "imports" },
      el("h2", { tabIndex: -1 }, t("web_desk.import_title")),
      ...{ choose, reading, report: understood, stored }[phase](),
      ...rebuild.render(),
      ...history.render())));
  }

  function choose() {
    return [
      hint(t("web_desk.import_intro")),
      problem ? problemBox(problemText(problem, kindOf())) : null,
      submitForm(read, t("web_desk.import_read"), { class: "primary", id: "i-read", disabled: !file },
        choiceField(state, "kind", {
          id: "i-kind", label: t("web_desk.import_kind"), hint: kindOf()?.help, onChange: kindChanged,
          options: kinds.map(({ kind, title }) => [kind, capital(title)]),
        }),
        el("p", {}, el("a", { href: new URL(`v1/imports/template?kind=${state.kind}`, ROOT).href, download: "" }, t("web_desk.import_template"))),
        dropZone(),
        ...(problem && file ? asked() : [])),
    ].filter(Boolean);
  }

  function kindChanged() {
    problem = null;
    answers = freshAnswers();
    draw();
    place.querySelector("#i-kind")?.focus();
  }

  function dropZone() {
    const input = el("input", {
      type: "file", id: "i-file", class: "hidden", accept: ENDINGS, "aria-describedby": "i-file-hint",
      onchange: (event) => chosen(event.target.files[0]),
    });
    const over = (event) => {
      event.preventDefault();
      zone.classList.add("over");
    };
    const zone = el("div", {
      class: "drop field", ondragover: over, ondragenter: over,
      ondragleave: () => zone.classList.remove("over"),
      ondrop: (event) => {
        event.preventDefault();
        zone.classList.remove("over");
        chosen(event.dataTransfer.files[0]);
      },
    },
    // The browser's own button is in the browser's language; the label stands for it.
    input,
    el("label", { for: "i-file", class: "button" }, t(file ? "web_desk.import_other" : "web_desk.import_choose")),
    file ? el("p", { id: "i-chosen" }, el("strong", {}, file.name)) : null,
    el("p", { class: "hint", id: "i-file-hint" }, t("web_desk.import_file_hint")));
    return zone;
  }

  function chosen(candidate) {
    if (!candidate) return;
    file = candidate;
    problem = null;
    answers = freshAnswers();
    draw();
    place.querySelector("#i-read")?.focus();
  }

  const reading = () => [el("div", { class: "running" }, el("p", { role: "status" }, t("web_desk.import_reading", { file: file.name })), el("progress", { "aria-label": t("web_desk.running") }))];

  const asked = () => questions({ problem, report, kind: kindOf(), answers });

  function understood() {
    const more = asked();
    return [
      el("p", {}, el("strong", {}, report.file), ` · ${kindTitle(report.kind)}`),
      problem ? problemBox(errorText(problem)) : null,
      ...reportView(report, kindOf(), {
        stated: answers.map,
        areaName: context.areaName,
        onCorrect(heading, meaning) {
          answers.map[heading] = meaning;
          draw();
          place.querySelector("#i-again")?.focus();
        },
      }),
      ...more,
      report.accepted > 0 ? agreementField() : null,
      el("p", { class: "row actions" },
        confirmable()
          ? el("button", { type: "button", id: "i-confirm", class: "primary", onclick: confirm }, t("web_desk.import_confirm"))
          : null,
        corrected() || more.length > 0
          ? el("button", { type: "button", id: "i-again", class: corrected() ? "primary" : "quiet", onclick: read }, t("web_desk.import_again"))
          : null,
        quietButton(t("web_desk.import_other"), other)),
    ].filter(Boolean);
  }

  /** Whether something was corrected since the file was read. */
  const corrected = () => Object.entries(answers.map).some(([heading, meaning]) => report.mapping?.[heading] !== meaning);

  /** Whether the rows count persons, so that an agreement is needed. */
  const isHeld = () => report.kind === "outreach" || report.notes.some(({ code }) => code === "import_note.held");

  const fittingAgreements = () => agreements.filter((agreement) => agreement.kinds.includes(report.kind));
  const confirmable = () => report.accepted > 0 && !corrected() && (!isHeld() || fittingAgreements().length > 0);

  function agreementField() {
    if (!isHeld()) return null;
    const fitting = fittingAgreements();
    if (fitting.length === 0) {
      return el("div", { class: "problem" },
        el("p", {}, t("web_desk.import_no_agreement")),
        el("a", { href: new URL("v1/imports/agreements/template", ROOT).href, download: "" }, t("web_desk.import_agreement_template")));
    }
    if (!fitting.some(({ number }) => number === state.under)) state.under = fitting[0].number;
    return choiceField(state, "under", {
      id: "i-under", label: t("web_desk.import_agreement"), hint: t("web_desk.import_agreement_help"),
      options: fitting.map(({ number, owner }) => [number, `${owner}, ${number}`]),
    });
  }

  const stored = () => [
    el("p", { class: "key-figure", role: "status" }, t("web_desk.import_stored", { count: report.accepted, file: report.file })),
    el("p", {}, t(kinds?.find(({ kind }) => kind === report.kind)?.built === false ? "web_desk.import_at_once" : "web_desk.import_next_build")),
    el("p", { class: "row" }, quietButton(t("web_desk.import_other"), other)),
  ];

  // ---- doing

  function form() {
    const body = new FormData();
    body.append("kind", state.kind);
    for (const name of ["sheet", "layer", "codes", "decimal"]) if (answers[name]) body.append(name, answers[name]);
    for (const [heading, meaning] of Object.entries(answers.map)) if (meaning) body.append("map", `${heading}=${meaning}`);
    for (const slug of answers.newMeasures) body.append("new_measure", slug);
    body.append("file", file, file.name);
    return body;
  }

  async function read() {
    if (!file) return;
    const body = form();
    problem = null;
    phase = "reading";
    draw();
    try {
      report = await fetchJson("v1/imports", { method: "POST", body, timeoutMs: READING_MS });
      answers.map = { ...report.mapping };
      if (report.accepted > 0 && isHeld()) ({ agreements } = await fetchJson("v1/imports/agreements"));
      phase = "report";
      announce(t("web_desk.import_summary", { count: report.read, accepted: report.accepted }));
    } catch (error) {
      problem = error;
      phase = "choose";
    }
    await named;
    draw();
    if (problem) place.querySelector(".problem")?.scrollIntoView({ block: "center" });
    place.querySelector("h2")?.focus();
  }

  async function confirm() {
    try {
      const under = isHeld() ? `?under=${encodeURIComponent(state.under)}` : "";
      await fetchJson(`v1/imports/${encodeURIComponent(report.id)}/confirm${under}`, { method: "POST" });
      problem = null;
      phase = "stored";
      announce(t("web_desk.import_stored", { count: report.accepted, file: report.file }));
    } catch (error) {
      // What was read is kept for a while only; then the file is read again.
      if (error.status === 404) return read();
      problem = error;
    }
    await history.load();
    place.querySelector("h2")?.focus();
  }

  function other() {
    file = null;
    report = null;
    problem = null;
    answers = freshAnswers();
    phase = "choose";
    draw();
    place.querySelector("#i-file")?.focus();
  }

  /** Keep the measures and indicators that have a name in the reader's language; those of the index are the model's. */
  async function nameSeries() {
    const { indicators = [] } = await fetchJson("v1/scenarios/options").catch(() => ({}));
    const titles = new Map(indicators.map((row) => [row.id, translated(row.title)]));
    for (const kind of kinds) {
      kind.series = kind.series
        .map(({ slug, label }) => ({ slug, label: label || titles.get(slug) }))
        .filter(({ label }) => label)
        .sort((a, b) => a.label.localeCompare(b.label, currentLanguage()));
    }
  }

  async function prepare() {
    try {
      kindsLanguage = currentLanguage();
      ({ kinds } = await fetchJson("v1/imports/kinds"));
      named = nameSeries();
      state.kind = kindOf()?.kind ?? kinds[0].kind;
    } catch (error) {
      return place?.replaceChildren(problemBox(errorText(error)));
    }
    draw();
    await Promise.all([history.load(), rebuild.load()]);
    if (phase === "report") await read(); // in the language that the page has now
  }

  return {
    key: "imports",
    title: "web_desk.import_room",
    render(body) {
      place = body;
      if (kinds && kindsLanguage === currentLanguage()) return draw();
      place.replaceChildren(el("p", { class: "hint", role: "status" }, t("web.loading")));
      return prepare();
    },
    open: () => undefined,
    close: rebuild.close,
  };
}
