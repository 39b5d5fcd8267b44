/** Adopting a plan that is done: for which period. */

import { fetchJson } from "../../static/app/data.js";
import { t } from "../../static/i18n/i18n.js";
import { el, hint } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { problemBox, submitForm } from "./shell.js";

const PARTS = [["Q", 3, "quarter"], ["H", 6, "half"]];

/** A period (`2026-Q4`, `2026-H2`, `2026`) in words. */
export function periodName(code) {
  const [year, part] = code.split("-");
  const kind = PARTS.find(([letter]) => letter === part?.[0])?.[2] ?? "year";
  return t(`period.${kind}`, { year, number: part?.[1] ?? "" });
}

/** This quarter and the next, this half-year and the next, this year and the next. */
function periods() {
  const now = new Date();
  const at = (letter, length, ahead) => {
    const day = new Date(now.getFullYear(), now.getMonth() + ahead * length, 1);
    return `${day.getFullYear()}-${letter}${Math.floor(day.getMonth() / length) + 1}`;
  };
  const years = [0, 1].map((ahead) => String(now.getFullYear() + ahead));
  return [...PARTS.flatMap(([letter, length]) => [0, 1].map((ahead) => at(letter, length, ahead))), ...years];
}

/** The form that adopts the plan of `job` and opens it among the adopted ones. */
export function adoption(context, job) {
  const state = { period: periods()[0] };
  const place = el("div", { class: "adoption" });
  const draw = (problem = null) => place.replaceChildren(
    el("h3", {}, t("web_desk.adopt_heading")),
    hint(t("web_desk.adopt_help")),
    problemBox(problem) ?? "",
    submitForm(adopt, t("web_desk.adopt"), {}, choiceField(state, "period", {
      id: "adopt-period", label: t("web_desk.adopt_period"), options: periods().map((code) => [code, periodName(code)]),
    })));

  async function adopt() {
    try {
      const plan = await fetchJson("v1/plans/adopted", { method: "POST", body: { job: job.id, period: state.period } });
      context.enter(`adopted:${plan.id}`);
    } catch (error) {
      draw(errorText(error));
    }
  }

  draw();
  return place;
}
