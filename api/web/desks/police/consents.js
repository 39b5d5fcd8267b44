/** Plans of posts and of watches of others that wait for a second person before they may leave as a file. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { moment, persons, t } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { estimateText } from "../../static/ui/tables.js";
import { problemBox } from "../common/shell.js";

/** The room of an own plan that needs a second person, and what it waits for. */
const OWN = {
  posts: { room: "plan", title: "web_police.posts_plan", waiting: "web_police.consent_waiting" },
  watch: { room: "watch", title: "web_police.watch_plan", waiting: "web_police.watch_waiting" },
};

/** What a plan waits for, for its maker: a second person and who that may be, nobody any more, or that it is made anew. */
export function consentText({ consent: { by, declined_by: declined }, has_second: second }, waiting, context) {
  if (by !== null) return t("web_police.consent_from", { name: by });
  return declined ? t("web_police.consent_no", { name: declined }) : `${t(waiting)} ${whoMay(context, second)}`;
}

/** Who may consent to the plans of this account; and where the register has no such account, who makes one. */
function whoMay(context, second) {
  const { province } = context.session();
  const area = context.library.get("areas", province)?.properties.name ?? province;
  const who = province ? t("web_police.consent_who_province", { area }) : t("web_police.consent_who_nation");
  return second === false ? `${who} ${t("web_police.consent_nobody")}` : who;
}

export function createConsents(context) {
  let place = null;
  let waiting = null;
  let own = [];
  let second = null;
  let problem = "";

  async function load() {
    try {
      const answer = await fetchJson("v1/jobs");
      ({ to_consent: waiting, has_second: second } = answer);
      own = answer.jobs.filter(({ kind, state, consent }) => OWN[kind] && state === "done" && consent);
    } catch (error) {
      problem = errorText(error);
    }
    draw();
  }

  async function decide({ id, by }, consents) {
    problem = "";
    try {
      await fetchJson(`v1/jobs/${encodeURIComponent(id)}/consent`, { method: consents ? "POST" : "DELETE" });
      announce(t(consents ? "web_police.consent_given" : "web_police.consent_declined", { name: by }));
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
        : waiting.length === 0 ? hint(`${t("web_police.consents_none")} ${t(context.session().province ? "web_police.consents_of_province" : "web_police.consents_of_nation")}`) : list(),
      ...(waiting === null ? [] : ownPlans()),
      el("p", { class: "row actions" }, quietButton(t("web_desk.look_again"), load)),
    );
  }

  const ownPlans = () => [
    el("h3", {}, t("web_police.consent_own")),
    own.length === 0 ? hint(whoMay(context, second)) : el("ul", { class: "cards" }, own.map((plan) => el("li", { class: "card" },
      el("h4", {}, t(OWN[plan.kind].title)),
      el("p", {}, consentText({ ...plan, has_second: second }, OWN[plan.kind].waiting, context)),
      el("p", { class: "hint" }, moment(plan.created)),
      el("p", { class: "row actions" }, quietButton(t("web_police.consent_own_open"), () => context.enter(`${OWN[plan.kind].room}:${plan.id}`)))))),
  ];

  const list = () => el("ul", { class: "cards" }, waiting.map((plan) => el("li", { class: "card" },
    el("h3", {}, t("web_police.consent_by", { name: plan.by })),
    el("p", {}, plan.persons === null ? t("web_police.consent_places")
      : t(plan.kind === "watch" ? "web_police.consent_watch" : "web_police.consent_posts", { persons: estimateText(plan.persons) })),
    el("ul", {}, plan.places.map(({ name, persons: number }) => el("li", {}, number === null ? name : `${name}: ${persons(number)}`))),
    hint(t("web_police.consent_asks")),
    el("p", { class: "hint" }, moment(plan.created)),
    el("p", { class: "row actions" }, quietButton(t("web_police.consent_give"), () => decide(plan, true)),
      quietButton(t("web_police.consent_decline"), () => decide(plan, false))))));

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
