/** Checks at a terminal in one month, those that found nothing too: an import of one row. */

import { ServiceError, fetchJson } from "../../static/app/data.js";
import { announce, el, hint } from "../../static/ui/dom.js";
import { choiceField, numberField, placesField, textField, typed } from "../../static/ui/forms.js";
import { t } from "../../static/i18n/i18n.js";
import { errorText } from "../../static/ui/messages.js";
import { nameIn, terminals } from "../common/places.js";
import { problemBox, submitForm } from "../common/shell.js";

const KIND = "checks";
const NUMBERS = ["sailings", "passengers_seen", "checked", "interviewed", "deferred", "released", "referred", "wrongful_deferrals"];
const SENDING_MS = 90_000;

export function createChecks(context) {
  const state = { terminal: [], under: "", organisation: "", month: new Date().toISOString().slice(0, 7) };
  let place = null;
  let agreements = null;
  let errors = {};
  let told = "";
  /** Row on record that the next sending replaces: terminal, month and office. */
  let agreed = "";

  const own = () => terminals(context).filter(({ code }) => code.startsWith(context.session().province ?? ""));
  const clear = () => NUMBERS.forEach((name) => {
    state[name] = name === "wrongful_deferrals" ? "0" : "";
  });
  clear();

  async function prepare() {
    try {
      const [{ agreements: found }] = await Promise.all([fetchJson("v1/imports/agreements"), context.library.load("terminals")]);
      agreements = found.filter(({ kinds }) => kinds.includes(KIND));
    } catch (error) {
      errors = { "": errorText(error) };
    }
    draw();
  }

  async function send() {
    told = "";
    errors = {};
    if (state.terminal.length === 0) errors.terminal = t("web_police.checks_need_terminal");
    for (const name of NUMBERS) if (!Number.isInteger(typed(state[name]))) errors[name] = t("web_desk.need_number");
    if (!state.organisation.trim()) errors.organisation = t("web_police.checks_need_office");
    if (!/^\d{4}-\d{2}$/.test(state.month)) errors.month = t("web_police.checks_need_month");
    if (Object.keys(errors).length > 0) return draw();
    const office = `"${state.organisation.trim().replaceAll('"', '""')}"`;
    const row = [state.terminal[0], state.month, office, ...NUMBERS.map((name) => typed(state[name]))];
    const same = row.slice(0, 3).join().toUpperCase();
    const body = new FormData();
    body.append("kind", KIND);
    body.append("file", new File([`terminal_id,month,organisation,${NUMBERS.join()}\n${row.join()}\n`], "checks.csv", { type: "text/csv" }));
    try {
      const report = await fetchJson("v1/imports", { method: "POST", body, timeoutMs: SENDING_MS });
      if (report.state === "refused") throw new ServiceError("refused", 400, { code: report.issues[0]?.code, detail: report.issues[0]?.message });
      if (report.replaced > 0 && agreed !== same) {
        agreed = same;
        errors = { "": t("web_police.checks_replaces", { office: state.organisation.trim(), name: nameIn(own(), state.terminal[0]), month: state.month }) };
        return draw();
      }
      const under = state.under || agreements[0].number;
      await fetchJson(`v1/imports/${report.id}/confirm?${new URLSearchParams({ under })}`, { method: "POST" });
      told = t("web_police.checks_sent", { name: nameIn(own(), state.terminal[0]), month: state.month });
      announce(told);
      agreed = "";
      clear();
    } catch (error) {
      errors = { "": errorText(error) };
    }
    return draw();
  }

  function draw() {
    if (!place?.isConnected) return;
    place.replaceChildren(
      el("h2", { tabIndex: -1 }, t("web_police.checks_heading")),
      hint(t("web_police.checks_intro")),
      told ? el("p", { role: "status" }, told) : "",
      problemBox(errors[""]) ?? "",
      agreements === null ? el("p", { class: "hint", role: "status" }, t("web.loading"))
        : agreements.length === 0 ? hint(t("web_police.checks_no_agreement")) : form(),
    );
    place.querySelector("[aria-invalid=true]")?.focus();
  }

  const form = () => submitForm(send, t("web_police.checks_send"), { class: "primary" }, [
    placesField(state, "terminal", { id: "c-terminal", label: t("web_police.watch_place"), error: errors.terminal, places: own, single: true }),
    textField(state, "month", { id: "c-month", label: t("web_police.checks_month"), error: errors.month, type: "month" }),
    textField(state, "organisation", {
      id: "c-organisation", label: t("web_police.checks_office"), hint: t("web_police.checks_office_hint"), error: errors.organisation, maxLength: 80, required: true,
    }),
    NUMBERS.map((name) => numberField(state, name, { id: `c-${name}`, label: t(`web_police.checks_${name}`), error: errors[name], min: 0, step: 1 })),
    agreements.length > 1 ? choiceField(state, "under", {
      id: "c-under", label: t("web_police.checks_agreement"), options: agreements.map(({ number, owner }) => [number, `${number} · ${owner}`]),
    }) : "",
  ].flat());

  return {
    key: "checks",
    title: "web_police.checks_title",
    render(body) {
      place = body;
      draw();
      prepare();
    },
  };
}
