/** The room of adopted plans: planned, done and what is on record beside it, in one table; a tick says the month. */

import { ROOT, ServiceError, fetchJson } from "../../static/app/data.js";
import { noteWaiting } from "../../static/app/offline.js";
import { currentLanguage, label, month, t, whole } from "../../static/i18n/i18n.js";
import { announce, el, hint, keepingFocus, quietButton } from "../../static/ui/dom.js";
import { choiceField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";
import { periodName } from "./periods.js";
import { sendVisits, visitAgreements } from "./sending.js";
import { problemBox } from "./shell.js";
import { dropVisit, keepVisit, waitingVisits } from "./waiting-visits.js";

const PLANS = "v1/plans/adopted";
const pathOf = ({ id }) => `${PLANS}/${encodeURIComponent(id)}`;
const stepPath = (plan, { place }) => `${pathOf(plan)}/steps/${encodeURIComponent(place)}`;
const thisMonth = () => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;
};

const VISITS = { kind: "web_desk.adopted_outreach", note: "web_desk.adopted_visits" };

/**
 * `others` are by kind a desk's own plans that are no visits, in keys: `kind` names them, `note` says what to know of them, `done` how much is done;
 * `steps(plan, beside)`, where there is one, draws their table.
 */
export function createAdopted(context, others = {}) {
  const about = ({ kind }) => (kind === "outreach" ? VISITS : others[kind]);
  const kindOf = (plan) => t(about(plan).kind);
  const doneOf = (plan) => t(about(plan).done ?? "web_desk.adopted_done", plan);
  const nameOf = (plan) => [plan.area || kindOf(plan), periodName(plan.period)].join(" · ");
  const account = context.session().name;
  const state = { under: "" };
  let place = null;
  let plans = null;
  /** Id of the plan that is open. */
  let open = null;
  /** Ticks that wait on this device, by the address of their step. */
  let waiting = new Map();
  let agreements = [];
  let problem = null;
  let sending = false;
  /** Sentences on visits of others that came first. */
  let earlier = [];

  async function load() {
    try {
      ({ plans } = await fetchJson(PLANS));
      problem = null;
    } catch (error) {
      failed(error);
    }
    await draw();
  }

  function failed(error) {
    if (!(error instanceof ServiceError)) console.error(error);
    problem = errorText(error);
  }

  async function draw() {
    const kept = await waitingVisits(account);
    noteWaiting(account, kept.length);
    waiting = new Map(kept.filter(({ put }) => put).map((tick) => [tick.put, tick]));
    if (!place?.isConnected) return;
    const plan = plans?.find(({ id }) => id === open);
    keepingFocus(place, () => place.replaceChildren(
      heading(),
      problemBox(problem) ?? "",
      ...(plan ? opened(plan) : list())));
  }

  const heading = () => el("h2", { tabIndex: -1, "data-key": "adopted" }, t("web_desk.adopted"));

  function list() {
    if (!plans) return problem ? [] : [hint(t("web.loading"))];
    return [
      hint(t(plans.length > 0 ? "web_desk.adopted_help" : "web_desk.adopted_none")),
      el("ul", { class: "list" }, plans.map((plan) => el("li", {},
        el("button", { type: "button", class: "item", "data-key": plan.id, onclick: () => show(plan.id) },
          el("span", { class: "item-name" }, nameOf(plan), " ", el("small", {}, kindOf(plan))),
          el("span", { class: "item-facts" }, doneOf(plan),
            plan.state === "closed" ? ` · ${t("web_desk.adopted_closed")}` : ""))))),
    ];
  }

  function show(id) {
    open = id;
    earlier = [];
    context.setWork(id ? `adopted:${id}` : "adopted");
    draw().then(() => place?.querySelector("h2")?.focus());
  }

  function opened(plan) {
    const columns = [
      ["web_desk.adopted_step", ({ name, area_name: area, place: code }) => el("span", {}, name, " ", el("small", {}, [area, code].filter(Boolean).join(" · ")))],
      ["web_desk.adopted_months", (step) => tick(plan, step)],
      ["web_desk.adopted_beside", ({ effect }) => beside(effect)],
    ].map(([key, value]) => ({ title: t(key), value }));
    const file = (name, key) => el("a", {
      class: "button", download: "", href: new URL(`${pathOf(plan)}/${name}?lang=${currentLanguage()}`, ROOT).href,
    }, t(key));
    return [
      el("h3", {}, nameOf(plan)),
      el("p", { class: "key-figure" }, doneOf(plan)),
      waitingNote(),
      ...earlier.map(hint),
      about(plan).steps?.(plan, beside) ?? table(t("web_desk.adopted"), columns, plan.steps),
      hint(t("adopted.no_effect")),
      hint(t(about(plan).note)),
      el("p", { class: "row actions" },
        file("table.xlsx", "web_desk.adopted_table"),
        file("brief.pdf", "web_desk.adopted_brief"),
        plan.state === "open" ? quietButton(t("web_desk.adopted_close"), () => close(plan)) : "",
        quietButton(t("web_desk.adopted_all"), () => show(null))),
    ];
  }

  function waitingNote() {
    if (waiting.size === 0) return "";
    const many = agreements.length > 1;
    return el("div", { class: "visits" },
      hint(t("web_desk.ticks_waiting", { count: waiting.size })),
      many ? choiceField(state, "under", {
        id: "adopted-under", label: t("web_desk.adopted_agreement"), options: agreements.map(({ number, owner }) => [number, `${number} · ${owner}`]),
      }) : "",
      el("p", { class: "row" }, el("button", { type: "button", disabled: sending, onclick: () => send(true) }, t("web_desk.ticks_send"))));
  }

  /** The month in which a step was done, chosen; one that waits says so, and one that was refused says why. */
  function tick(plan, step) {
    const kept = waiting.get(stepPath(plan, step));
    const done = (kept ? kept.month : step.done) ?? "";
    const months = plan.months.filter((iso) => iso <= thisMonth() || iso === done);
    const options = [["", t("web_desk.adopted_not_done")], ...(done && !months.includes(done) ? [[done, month(done)]] : []), ...months.map((iso) => [iso, month(iso)])];
    return el("div", { class: "step-month" },
      el("small", {}, t("web_desk.adopted_planned", { month: month(step.planned) })),
      el("select", {
        "data-key": step.place, "aria-label": t("web_desk.adopted_done_of", step), disabled: plan.state !== "open",
        onchange: ({ target }) => choose(plan, step, target.value),
      }, options.map(([value, text]) => el("option", { value, selected: value === done }, text))),
      kept ? el("small", { class: kept.reason ? "error" : null }, kept.reason?.detail ?? t("web_desk.tick_waits")) : "",
      kept?.reason ? quietButton(t("web_desk.tick_drop"), async () => {
        await dropVisit(kept.id);
        await draw();
      }, { class: "quiet small" }) : "");
  }

  function beside(effect) {
    if (effect.length === 0) return t("adopted.not_judged");
    return el("ul", { class: "plain" }, effect.map(({ measure, before, after }) => el("li", {}, t("adopted.on_record", {
      measure: label("measure", measure), before: whole(before.value), before_year: before.year, after: whole(after.value), after_year: after.year,
    }))));
  }

  async function choose(plan, step, value) {
    const put = stepPath(plan, step);
    try {
      // A new record: an earlier one may be on its way, and is neither to take this one along nor to come back.
      const before = (await waitingVisits(account)).filter((tick) => tick.put === put);
      await Promise.all(before.map(({ id }) => dropVisit(id)));
      await keepVisit({ account, put, code: step.place, village: step.name, organisation: "", month: value, note: "", visit: plan.kind === "outreach" });
    } catch (error) {
      failed(error);
    }
    await send();
  }

  /** Send what waits; without a network it goes on waiting. */
  async function send(again = false) {
    await draw();
    const ready = [...waiting.values()].filter(({ reason }) => again || !reason);
    if (sending || ready.length === 0) return;
    sending = true;
    try {
      agreements = await visitAgreements();
      // Which of several agreements a visit is recorded under is for the reader to see first.
      const asked = again || state.under || agreements.length < 2;
      const sent = await sendVisits(ready.filter(({ visit }) => asked || !visit), state.under || (agreements[0]?.number ?? ""));
      if (sent > 0) announce(t("web_desk.ticks_sent", { count: sent }));
      ({ plans } = await fetchJson(PLANS));
      problem = null;
      earlier = earlierVisits(ready);
      if (earlier.length > 0) announce(earlier.join(" "));
    } catch (error) {
      if (error.kind !== "offline") failed(error);
    } finally {
      sending = false;
    }
    await draw();
    // What was ticked meanwhile.
    const tried = new Set(ready.map(({ id }) => id));
    if ([...waiting.values()].some(({ id, reason }) => !reason && !tried.has(id))) await send();
  }

  /** What to say of visits that are sent, where an earlier one is on record. */
  function earlierVisits(ticks) {
    const byAddress = new Map((plans ?? []).flatMap((plan) => plan.steps.map((step) => [stepPath(plan, step), step])));
    return ticks.filter(({ put, month: asked }) => asked && byAddress.get(put)?.done < asked)
      .map(({ put, month: asked }) => {
        const { name, done } = byAddress.get(put);
        return t("adopted.earlier", { name, done: month(done), month: month(asked) });
      });
  }

  async function close(plan) {
    if (!window.confirm(t("web_desk.adopted_close_question"))) return;
    try {
      await fetchJson(pathOf(plan), { method: "PATCH", body: { state: "closed" } });
    } catch (error) {
      failed(error);
    }
    await load();
  }

  const connected = () => send();
  window.addEventListener("online", connected);

  return {
    key: "adopted",
    title: "web_desk.adopted",
    render(body) {
      place = body;
      place.replaceChildren(heading());
      draw();
      load().then(() => send());
    },
    open(id) {
      open = id;
    },
    resume() {
      open = null;
    },
    close() {
      place = null;
      window.removeEventListener("online", connected);
    },
  };
}
