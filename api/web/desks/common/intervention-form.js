/** What an office did, from when, and what it should change: an administrator's form in the room of evaluation. */

import { fetchJson } from "../../static/app/data.js";
import { el, hint } from "../../static/ui/dom.js";
import { choiceField, fieldErrors, placesField, textField } from "../../static/ui/forms.js";
import { label, t } from "../../static/i18n/i18n.js";
import { plain } from "../../static/ui/plain.js";
import { areas } from "./places.js";
import { problemBox, submitForm } from "./shell.js";

const KINDS = ["task_force", "moratorium", "drive", "campaign"];
/** Measures with their class, and which way each should go; the later ones do not follow how much is watched. */
const AIMS = [
  ["interceptions:nonprocedural", "more"], ["interceptions:tppo", "more"], ["tppo_cases:tppo", "fewer"], ["tppo_victims:tppo", "fewer"],
  ["deaths_abroad:unknown", "fewer"], ["deportations:unknown", "fewer"],
];
const INDEPENDENT = AIMS.slice(-2);
const REQUIRED = ["name", "start", "source"];
const LONGEST_ID = 64;

const aimName = ([series, way]) => {
  const [measure, legal] = series.split(":");
  return [label("measure", measure), legal === "unknown" ? null : label("legal_class", legal), t(`web_desk.intervention_${way}`)].filter(Boolean).join(" · ");
};
const options = (aims) => aims.map((aim) => [aim.join(":"), aimName(aim)]);

/** Name and month as an id: letters, digits and hyphens. */
const idOf = ({ name, start }) => `${plain(name).replaceAll(/[^a-z0-9]+/g, "-").slice(0, LONGEST_ID - start.length - 1)}-${start}`.replaceAll(/-+/g, "-").replace(/^-/, "");

/**
 * The form, folded until it is opened. `extra` are kinds and fields of one desk: `{kinds() -> [[kind, text]], fields(state, errors), row(state)}`;
 * `onAdded(name)` is called when one is kept.
 */
export function interventionForm(context, { extra = { kinds: () => [], fields: () => [], row: () => ({}) }, onAdded }) {
  const state = { kind: KINDS[0], area: [], terminals: [], aim: AIMS[0].join(":"), other: INDEPENDENT[0].join(":"), until: "" };
  const box = el("details", { class: "more" });
  let errors = {};

  async function send() {
    errors = Object.fromEntries(REQUIRED.filter((name) => !state[name]?.trim()).map((name) => [name, t("web_desk.intervention_need")]));
    if (state.area.length === 0) errors.area = t("web_desk.intervention_need_area");
    if (Object.keys(errors).length > 0) return draw();
    const { name, kind, start, until, source, note = "" } = state;
    const row = {
      id: idOf(state), name, kind, area_codes: state.area.join(";"), start, until, source, note,
      aim: [...new Set([state.aim, state.other])].filter(Boolean).join(";"), ...extra.row(state),
    };
    try {
      await fetchJson("v1/interventions", { method: "POST", body: row });
      Object.assign(state, { name: "", start: "", until: "", source: "", note: "", area: [], terminals: [] });
      box.open = false;
      draw();
      return onAdded(name);
    } catch (error) {
      errors = fieldErrors(error, ["name", "start", "until", "source", "note", "terminal_ids"]);
      return draw();
    }
  }

  function draw() {
    const text = (key, more = {}) => textField(state, key, { id: `iv-${key}`, label: t(`web_desk.intervention_${key}`), error: errors[key], ...more });
    const choice = (key, choices, more = {}) => choiceField(state, key, { id: `iv-${key}`, label: t(`web_desk.intervention_${key}`), options: choices, ...more });
    box.replaceChildren(
      el("summary", {}, t("web_desk.intervention_add")),
      hint(t("web_desk.intervention_help")),
      problemBox(errors[""]) ?? "",
      submitForm(send, t("web_desk.intervention_send"), { class: "primary" }, [
        text("name", { maxLength: 120, hint: t("web_desk.intervention_name_hint") }),
        choice("kind", [...KINDS.map((kind) => [kind, t(`web_desk.intervention_${kind}`)]), ...extra.kinds()], { label: t("web_desk.scenario_service"), onChange: draw }),
        placesField(state, "area", { id: "iv-area", label: t("web_desk.intervention_area"), error: errors.area, places: () => areas(context, ["province", "regency"]) }),
        ...extra.fields(state, errors),
        text("start", { type: "month" }), text("until", { type: "month" }),
        choice("aim", options(AIMS)),
        choice("other", [...options(INDEPENDENT), ["", t("web_desk.intervention_none")]], { hint: t("web_desk.intervention_other_hint") }),
        text("source"), text("note", { maxLength: 300 }),
      ].flat()),
    );
    box.querySelector("[aria-invalid=true]")?.focus();
  }
  draw();
  return box;
}
