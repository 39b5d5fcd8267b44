/** The progress of a job: its step in words, a bar, and a button that ends it. */

import { el, quietButton } from "../../static/ui/dom.js";
import { percent, t, title } from "../../static/i18n/i18n.js";

/** `{element, update(job)}`; without `onCancel` there is no button. */
export function jobProgress(onCancel) {
  const text = el("p", { role: "status" }, t("web_desk.running"));
  const meter = el("progress", { "aria-label": t("web_desk.running"), max: 1 });
  return {
    element: el("div", { class: "running" }, text, meter,
      onCancel ? el("p", { class: "row" }, quietButton(t("web.cancel"), onCancel)) : null),

    update(job) {
      const { step, done, total } = job.progress ?? {};
      const share = total > 0 ? Math.min(1, done / total) : null;
      if (share === null) meter.removeAttribute("value");
      else meter.value = share;
      const name = step ? title("step", step) : t(job.state === "queued" ? "web_desk.plan_queued" : "web_desk.running");
      // In tenths, so that a screen reader is not flooded.
      const words = share === null ? name : `${name} ${percent(Math.floor(share * 10) / 10)}`;
      if (words !== text.textContent) text.textContent = words;
    },
  };
}
