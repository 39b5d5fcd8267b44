/** The administrator's room: accounts, alerts, what was done, and the editions. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { choiceField, fieldErrors, textField } from "../../static/ui/forms.js";
import { label, moment, t, title } from "../../static/i18n/i18n.js";
import { longTable } from "../../static/ui/tables.js";
import { problemBox, submitForm } from "../common/shell.js";
import { contactChecks } from "./contacts.js";

const FIELDS = ["name", "desk", "tier", "province", "organisation"];
const ALERT = "alert.bulk";

export function createAdministration(context) {
  let place = null;
  let data = null;
  let errors = {};
  /** Name and password of the account made last, which are shown once. */
  let shown = null;
  /** The account whose removal waits for a second press. */
  let doomed = null;
  /** Whether the form for a new account is open. */
  let adding = false;
  /** Numbers of offices; they load and change apart from the accounts. */
  let contacts = null;
  let wanted = { account: "", action: "" };
  const empty = () => ({ name: "", desk: "planner", tier: "partner", province_code: "", organisation: "", language: "id", administrator: false });
  let fresh = empty();

  async function load() {
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value.trim()));
    try {
      const [{ accounts, desks }, { rows: alerts }, { rows }, { releases }] = await Promise.all([
        fetchJson("v1/accounts"), fetchJson(`v1/audit?action=${ALERT}`), fetchJson(`v1/audit?${query}`), fetchJson("v1/releases"),
      ]);
      data = { accounts, desks, alerts, rows, releases };
    } catch (error) {
      errors = fieldErrors(error, []);
    }
    draw();
  }

  /** Do something to the accounts, then show them again; `said` is announced. */
  async function change(path, options, said) {
    errors = {};
    shown = null;
    doomed = null;
    try {
      const answer = await fetchJson(path, options);
      if (answer?.password) shown = answer;
      if (options.body) fresh = empty();
      announce(said);
    } catch (error) {
      errors = fieldErrors(error, FIELDS);
    }
    await load();
    const wrong = place?.querySelector("[aria-invalid=true]");
    (wrong ?? place?.querySelector(shown ? "#admin-shown" : "h2"))?.focus();
  }

  const path = (name, more = "") => `v1/accounts/${encodeURIComponent(name)}${more}`;
  const reset = ({ name }) => change(path(name, "/password"), { method: "POST" }, t("web_police.admin_reset_done", { name }));
  const remove = ({ name }) => change(path(name), { method: "DELETE" }, t("web_police.admin_removed", { name }));
  const add = () => change("v1/accounts", { method: "POST", body: { ...fresh, province_code: fresh.province_code.trim() || null } }, t("web_police.admin_added", { name: fresh.name }));

  function draw() {
    if (!place?.isConnected) return;
    place.replaceChildren(
      el("h2", { tabIndex: -1 }, t("web_police.admin")),
      problemBox(errors[""]) ?? "",
      ...(data === null ? [el("p", { class: "hint", role: "status" }, t("web.loading"))] : [...accounts(), contacts, ...alerts(), ...audit(), ...editions()]),
    );
  }

  function accounts() {
    const own = context.session().name;
    const scope = (row) => row.province_code ?? (row.whole_country ? t("web_police.admin_national") : "–");
    return [
      el("h3", {}, t("web_police.admin_accounts")),
      shown ? el("p", { class: "caveat", id: "admin-shown", tabIndex: -1 }, t("web_police.admin_password", { name: shown.name }), " ", el("code", {}, shown.password)) : "",
      longTable(t("web_police.admin_accounts"), [
        { title: t("web.account_name"), value: (row) => row.name },
        { title: t("web_police.admin_organisation"), value: (row) => row.organisation ?? "–" },
        { title: t("web_police.admin_tier"), value: (row) => `${label("tier", row.tier)} · ${scope(row)}` },
        { title: t("web_police.admin_flag"), value: (row) => (row.administrator ? t("web_police.admin_yes") : "–") },
        { title: t("web_police.admin_actions"), value: (row) => [
          quietButton(t("web_police.admin_reset"), () => reset(row), { "aria-label": t("web_police.admin_reset_of", { name: row.name }) }),
          row.name === own ? "" : quietButton(t(doomed === row.name ? "web_police.admin_remove_sure" : "web_police.admin_remove"), () => {
            if (doomed === row.name) return remove(row);
            doomed = row.name;
            draw();
            place.querySelector(`[data-remove="${CSS.escape(row.name)}"]`)?.focus();
          }, { "data-remove": row.name, "aria-label": t(doomed === row.name ? "web_police.admin_remove_sure_of" : "web_police.admin_remove_of", { name: row.name }) }),
        ] },
      ], data.accounts, 30),
      el("details", { class: "more-options", open: adding, ontoggle: (event) => {
        adding = event.target.open;
      } },
        el("summary", {}, t("web_police.admin_add")),
        submitForm(add, t("web_police.admin_add"), {},
          textField(fresh, "name", { id: "admin-name", label: t("web.account_name"), error: errors.name, maxLength: 64 }),
          textField(fresh, "organisation", { id: "admin-organisation", label: t("web_police.admin_organisation"), error: errors.organisation, maxLength: 120 }),
          choiceField(fresh, "desk", { id: "admin-desk", label: t("web_police.admin_desk"), error: errors.desk, options: Object.keys(data.desks).map((desk) => [desk, label("desk", desk)]), onChange() {
            fresh.tier = data.desks[fresh.desk].at(-1);
            draw();
            place.querySelector("#admin-desk")?.focus();
          } }),
          choiceField(fresh, "tier", { id: "admin-tier", label: t("web_police.admin_tier"), error: errors.tier, options: data.desks[fresh.desk].map((tier) => [tier, title("tier", tier)]) }),
          textField(fresh, "province_code", { id: "admin-province", label: t("web_police.admin_province"), hint: t("web_police.admin_province_hint"), error: errors.province, maxLength: 2, inputMode: "numeric" }),
          el("p", {},
            el("input", {
              type: "checkbox", id: "admin-flag", checked: fresh.administrator,
              onchange: (event) => {
                fresh.administrator = event.target.checked;
              },
            }),
            " ", el("label", { for: "admin-flag" }, t("web_police.admin_flag_of_new"))))),
    ];
  }

  const alerts = () => [
    el("h3", {}, t("web_police.admin_alerts")),
    data.alerts.length === 0 ? hint(t("web_police.admin_no_alerts")) : el("ul", {}, data.alerts.map((row) =>
      el("li", {}, t("web_police.admin_alert", { name: row.account, when: moment(row.at), many: row.target.replace(/[^0-9]/g, "") })))),
  ];

  const audit = () => [
    el("h3", {}, t("web_police.admin_audit")),
    submitForm(load, t("web_police.admin_show"), {},
      textField(wanted, "account", { id: "admin-by", label: t("web.account_name") }),
      textField(wanted, "action", { id: "admin-action", label: t("web_police.admin_action") })),
    longTable(t("web_police.admin_audit"), [
      { title: t("web_police.admin_when"), value: (row) => moment(row.at) },
      { title: t("web.account_name"), value: (row) => row.account },
      { title: t("web_police.admin_action"), value: (row) => row.action },
      { title: t("web_police.admin_target"), value: (row) => row.target || "–" },
      { title: t("web_police.admin_status"), value: (row) => String(row.status), number: true },
    ], data.rows, 15),
  ];

  const editions = () => [
    el("h3", {}, t("web_police.admin_editions")),
    longTable(t("web_police.admin_editions"), [
      { title: t("web_police.admin_edition"), value: (row) => String(row.number) },
      { title: t("web_police.admin_when"), value: (row) => row.date },
      { title: t("web_police.admin_approval"), value: (row) => row.approval?.office ?? t("web_police.admin_not_approved") },
    ], data.releases, 10),
  ];

  return {
    key: "admin",
    title: "web_police.admin",
    render(body) {
      place = body;
      contacts = contactChecks();
      draw();
      load();
    },
  };
}
