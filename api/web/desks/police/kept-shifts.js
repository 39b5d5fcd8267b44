/** The steps of an adopted roster: shifts planned, watches on record, and what they found; nothing is ticked here. */

import { el } from "../../static/ui/dom.js";
import { month, t, whole } from "../../static/i18n/i18n.js";
import { table } from "../../static/ui/tables.js";

const NUMBERS = ["passengers_seen", "checked", "interviewed", "deferred", "released", "referred", "wrongful_deferrals"];

/** The table of `plan`, as wide as a panel; `beside` says what is on record of a step's regency. */
export function keptShifts(plan, beside) {
  return table(t("web_police.adopted_watch"), [
    { title: t("web_police.watch_place"), value: ({ name, area_name: area, planned }) => el("span", {}, name, " ", el("small", {}, [area, month(planned)].join(" · "))) },
    { title: t("web_police.adopted_watch_kept"), value: keptText },
    { title: t("web_police.adopted_watch_found"), value: found },
    { title: t("web_desk.adopted_beside"), value: ({ effect }) => beside(effect) },
  ], plan.steps);
}

const found = ({ checks }) => (checks === null ? "–"
  : el("ul", { class: "plain" }, NUMBERS.map((name) => el("li", {}, el("small", {}, `${t(`web_police.checks_${name}`)}: ${whole(checks[name])}`)))));

const keptText = ({ kept, shifts }) => (kept === null
  ? el("span", {}, t("web_police.adopted_watch_none"), " ", el("small", {}, `(${whole(shifts)})`))
  : t("web_police.adopted_watch_of", { kept: whole(kept), shifts: whole(shifts) }));
