/** The steps of an adopted roster: shifts planned, watches on record, and what they found; nothing is ticked here. */

import { el } from "../../static/ui/dom.js";
import { month, t, whole } from "../../static/i18n/i18n.js";
import { table } from "../../static/ui/tables.js";

const NUMBERS = ["passengers_seen", "checked", "interviewed", "deferred", "released", "referred", "wrongful_deferrals"];

/** The table of `plan`; `beside` says what is on record of a step's regency. */
export function keptShifts(plan, beside) {
  const known = (value) => (value === null || value === undefined ? "–" : whole(value));
  return table(t("web_police.adopted_watch"), [
    { title: t("web_police.watch_place"), value: ({ name, area_name: area }) => el("span", {}, name, " ", el("small", {}, area)) },
    { title: t("web_police.checks_month"), value: ({ planned }) => month(planned) },
    { title: t("web_police.adopted_watch_kept"), value: keptText },
    ...NUMBERS.map((name) => ({ title: t(`web_police.checks_${name}`), value: ({ checks }) => known(checks?.[name]), number: true })),
    { title: t("web_desk.adopted_beside"), value: ({ effect }) => beside(effect) },
  ], plan.steps);
}

const keptText = ({ kept, shifts }) => (kept === null
  ? el("span", {}, t("web_police.adopted_watch_none"), " ", el("small", {}, `(${whole(shifts)})`))
  : t("web_police.adopted_watch_of", { kept: whole(kept), shifts: whole(shifts) }));
