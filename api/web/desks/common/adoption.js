/** Adopting a plan that is done: for which period. */

import { fetchJson } from "../../static/app/data.js";
import { t } from "../../static/i18n/i18n.js";
import { el, hint } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { comingPeriods, periodName } from "./periods.js";
import { problemBox, submitForm } from "./shell.js";

/** The form that adopts the plan of `job` and opens it among the adopted ones. */
export function adoption(context, job) {
  const state = { period: comingPeriods()[0] };
  const place = el("div", { class: "adoption" });
  const draw = (problem = null) => place.replaceChildren(
    el("h3", {}, t("web_desk.adopt_heading")),
    hint(t("web_desk.adopt_help")),
    problemBox(problem) ?? "",
    submitForm(adopt, t("web_desk.adopt"), {}, choiceField(state, "period", {
      id: "adopt-period", label: t("web_desk.adopt_period"), options: comingPeriods().map((code) => [code, periodName(code)]),
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
