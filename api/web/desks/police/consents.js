/** Plans of posts and of watches of others that wait for a second person before they may leave as a file. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { t } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { problemBox } from "../common/shell.js";

export function createConsents() {
  let place = null;
  let waiting = null;
  let problem = "";

  async function load() {
    try {
      waiting = (await fetchJson("v1/jobs")).to_consent;
    } catch (error) {
      problem = errorText(error);
    }
    draw();
  }

  async function consent({ id, by }) {
    problem = "";
    try {
      await fetchJson(`v1/jobs/${encodeURIComponent(id)}/consent`, { method: "POST" });
      announce(t("web_police.consent_given", { name: by }));
    } catch (error) {
      problem = errorText(error);
    }
    await load();
    place?.querySelector("h2")?.focus();
  }

  function draw() {
    if (!place?.isConnected) return;
    place.replaceChildren(
      el("h2", { tabIndex: -1 }, t("web_police.consents")),
      hint(t("web_police.consents_intro")),
      problemBox(problem) ?? "",
      waiting === null ? el("p", { class: "hint", role: "status" }, t("web.loading"))
        : waiting.length === 0 ? hint(t("web_police.consents_none")) : list(),
      el("p", { class: "row actions" }, quietButton(t("web_desk.look_again"), load)),
    );
  }

  const list = () => el("ul", { class: "cards" }, waiting.map((plan) => el("li", { class: "card" },
    el("h3", {}, t("web_police.consent_by", { name: plan.by })),
    el("p", {}, [t(plan.kind === "watch" ? "web_police.watch_plan" : "web_police.posts_heading"), plan.posts.join(", ")].join(": ")),
    el("p", { class: "hint" }, plan.created.replace("T", " ").slice(0, 16)),
    el("p", { class: "row actions" }, quietButton(t("web_police.consent_give"), () => consent(plan))))));

  return {
    key: "consents",
    title: "web_police.consents",
    render(body) {
      place = body;
      draw();
      load();
    },
  };
}
