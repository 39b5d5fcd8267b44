/** Numbers of offices: which are shown, and the administrator's word that one was checked. */

import { fetchJson } from "../../static/app/data.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { fieldErrors } from "../../static/ui/forms.js";
import { t } from "../../static/i18n/i18n.js";
import { longTable } from "../../static/ui/tables.js";
import { problemBox } from "../common/shell.js";

const PATH = "v1/contacts";
/** The month of the reader's clock; the service refuses one that is yet to come. */
const thisMonth = () => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;
};

/** A part of the administrator's room: an element that fills itself. */
export function contactChecks() {
  const place = el("div", {});

  async function load() {
    let problem = "";
    try {
      draw((await fetchJson(PATH)).contacts);
    } catch (error) {
      problem = problemBox(fieldErrors(error, [])[""]) ?? "";
      place.replaceChildren(problem);
    }
  }

  async function change(row, options, said) {
    let problem = null;
    try {
      await fetchJson(`${PATH}/${encodeURIComponent(row.id)}`, options);
      announce(said);
    } catch (error) {
      problem = problemBox(fieldErrors(error, [])[""]);
    }
    await load();
    if (problem) place.prepend(problem);
    place.querySelector(`[data-contact="${CSS.escape(row.id)}"]`)?.focus();
  }

  const confirm = (row) => change(row, { method: "PUT", body: { checked: thisMonth() } }, t("web_police.contacts_confirmed", { name: row.name }));
  const undo = (row) => change(row, { method: "DELETE" }, t("web_police.contacts_undone", { name: row.name }));

  function draw(rows) {
    place.replaceChildren(
      el("h3", {}, t("web_police.contacts")),
      hint(t("web_police.contacts_hint")),
      longTable(t("web_police.contacts"), [
        { title: t("web_police.contacts_office"), value: (row) => row.name },
        { title: t("web_police.contacts_phone"), value: (row) => el("a", { href: `tel:${row.phone}` }, row.phone) },
        { title: t("web_police.contacts_checked"), value: (row) => `${row.checked || "-"} · ${t(row.shown ? "web_police.contacts_shown" : "web_police.contacts_to_check")}` },
        { title: t("web_police.admin_actions"), value: (row) => [
          quietButton(t("web_police.contacts_confirm"), () => confirm(row), { "data-contact": row.id, "aria-label": t("web_police.contacts_confirm_of", { name: row.name }) }),
          row.confirmed ? quietButton(t("web_police.contacts_undo"), () => undo(row), { "aria-label": t("web_police.contacts_undo_of", { name: row.name }) }) : "",
        ] },
      ], rows, 20),
    );
  }

  load();
  return place;
}
