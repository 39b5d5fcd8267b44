/** The visits of an account that wait on this device: how many, why one was refused, and the button that sends them. */

import { ROOT, ServiceError } from "../../static/app/data.js";
import { canKeep, noteWaiting } from "../../static/app/offline.js";
import { month, t } from "../../static/i18n/i18n.js";
import { announce, el, hint, keepingFocus, quietButton } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { sendVisits, visitAgreements } from "../common/sending.js";
import { dropVisit, waitingVisits } from "../common/waiting-visits.js";

/** As long after a try that failed: a weak signal, or a service that starts again, is no event of the browser. */
const RETRY_MS = 60_000;
/** Reasons in words of this page: those of the service speak of files and commands. */
const REASONS = [
  [/^imports\.(personal|shelter)/, "web_ngo.visit_personal"],
  [/^agreement\./, "web_ngo.visit_no_agreement"],
];

/** The box: `element`, `draw()`, `send()`, `close()`, `leaving()`; `onChange(visit)` opens one to be changed. */
export function createVisitBox(account, { onChange }) {
  const element = el("section", { class: "visits" });
  const state = { under: "" };
  let visits = [];
  /** Ticks of adopted plans: the plan's own room shows them, and they are sent from here too. */
  let ticks = [];
  /** Those under which visits may be sent; null before the service has said so. */
  let agreements = null;
  let sending = false;
  let missed = false;
  /** Whether the service answered last, whatever the browser holds of the network. */
  let answers = true;
  /** Whether the reader has seen under which of several agreements visits are sent. */
  let agreed = false;
  let retry = null;
  let closed = false;
  let told = "";
  let unfolded = false;

  async function draw() {
    const kept = await waitingVisits(account);
    noteWaiting(account, kept.length);
    visits = kept.filter(({ put }) => !put);
    ticks = kept.filter(({ put }) => put);
    keepingFocus(element, () => element.replaceChildren(...parts()));
  }

  function parts() {
    const count = visits.length;
    return [
      navigator.onLine && answers ? null : hint(t("web_ngo.offline")),
      canKeep() ? null : hint(t("web_ngo.offline_needs_https")),
      told ? el("p", { role: "status" }, told) : null,
      agreements?.length === 0 ? hint(t("web_ngo.no_agreement")) : null,
      count === 0 ? (agreements?.length !== 0 && hint(t("web_ngo.villages_intro"))) : el("details", {
        class: "more-options", open: unfolded || visits.some(({ reason }) => reason),
        ontoggle: ({ target }) => {
          unfolded = target.open;
        },
      },
        el("summary", {}, t("web_ngo.visits_waiting", { count })),
        el("ul", { class: "cards" }, visits.map(card))),
      count > 0 && agreements?.length > 1 ? choiceField(state, "under", {
        id: "v-under", label: t("web_ngo.visits_agreement"), options: agreements.map(({ number, owner }) => [number, `${number} · ${owner}`]),
      }) : null,
      count > 0 ? el("p", { class: "row" }, el("button", { type: "button", class: "primary", id: "v-send", disabled: sending, onclick: () => send(true) },
        t(sending ? "web_ngo.visits_sending" : "web_ngo.visits_send"))) : null,
    ].filter(Boolean);
  }

  function card(visit) {
    const { id, village, organisation, people, note, reason } = visit;
    const reached = people ? t("web_ngo.visit_reached", { count: Number(people) }) : "";
    return el("li", {},
      el("strong", {}, village), " ", el("small", {}, [month(visit.month ?? visit.year), reached, organisation, note].filter(Boolean).join(" · ")),
      reason ? el("p", { class: "error" }, reasonText(reason)) : null,
      el("p", { class: "row" },
        quietButton(t("web_ngo.visit_change"), () => onChange(visit), { "aria-label": t("web_ngo.visit_change_one", { village }) }),
        quietButton(t("web_ngo.visit_remove"), async () => {
          if (!window.confirm(t("web_ngo.visit_remove_question", { village }))) return;
          await dropVisit(id);
          await draw();
        }, { "aria-label": t("web_ngo.visit_remove_one", { village }) })));
  }

  /** Send what waits; what was refused only when `again` is asked for. Without a network it goes on waiting. */
  async function send(again = false) {
    await draw();
    const ready = visits.filter(({ reason }) => again || !reason);
    const ticked = ticks.filter(({ reason }) => !reason);
    const locked = "locked" in document.documentElement.dataset;
    if (sending || closed || locked || ready.length + ticked.length === 0) return;
    sending = true;
    agreed ||= again;
    told = "";
    try {
      agreements = await visitAgreements();
      answers = true;
      if (agreements.length > 1 && !agreed) return;
      const under = state.under || (agreements[0]?.number ?? "");
      const sent = await sendVisits(ready, under);
      if (sent > 0) told = t("web_ngo.visits_sent", { count: sent });
      await sendVisits(ticked, under);
    } catch (error) {
      answers = error.kind !== "offline";
      if (again || !(error instanceof ServiceError)) told = errorText(error);
    } finally {
      sending = false;
      clearTimeout(retry);
      if (agreed || !(agreements?.length > 1)) retry = setTimeout(send, missed ? 0 : RETRY_MS);
      missed = false;
      if (!closed) tabs.postMessage(null);
      await draw();
    }
    if (told) announce(told);
  }

  /** The network is back: at once, or as soon as what is under way has failed for want of it. */
  const connected = () => {
    answers = true;
    missed = sending;
    return send();
  };
  const redraw = () => draw();
  /** Between the tabs of this browser: something was sent or removed. */
  const tabs = new BroadcastChannel(`petajaga-visits ${ROOT.pathname}`);
  tabs.onmessage = redraw;
  window.addEventListener("online", connected);
  window.addEventListener("session-resumed", connected);
  window.addEventListener("offline", redraw);
  connected();
  // Whoever may not send is told before a visit is written; without a network nobody knows.
  visitAgreements().then((found) => {
    agreements = found;
    return closed || draw();
  }).catch((error) => console.warn(error.message));

  return {
    element,
    draw,
    send,
    close() {
      closed = true;
      clearTimeout(retry);
      tabs.close();
      window.removeEventListener("session-resumed", connected);
      window.removeEventListener("online", connected);
      window.removeEventListener("offline", redraw);
    },

    /** What to do once the account is signed out; null where its owner would rather stay, since visits still wait. */
    async leaving() {
      const left = await waitingVisits(account);
      if (left.length > 0 && !window.confirm(t("web_ngo.leave_question", { count: left.length }))) return null;
      return async () => {
        noteWaiting(account, 0);
        await Promise.all(left.map(({ id }) => dropVisit(id)));
      };
    },
  };
}

function reasonText({ code, detail }) {
  const [, key] = REASONS.find(([pattern]) => pattern.test(code)) ?? [];
  return key ? t(key) : detail;
}
