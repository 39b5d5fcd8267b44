/** The room of early warning: counts above what their own past leads to expect, each with why and what to check first, and records that ended. */

import { fetchJson, ROOT } from "../../static/app/data.js";
import { el, hint } from "../../static/ui/dom.js";
import { currentLanguage, decimals, label, percent, t, translated, whole } from "../../static/i18n/i18n.js";
import { showError } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";

const PATH = "v1/warnings";
const measure = (row) => (row.legal_class === "unknown" ? label("measure", row.measure) : `${label("measure", row.measure)} (${label("legal_class", row.legal_class)})`);
const place = (row) => [row.area_name, el("small", {}, ` ${measure(row)}`)];

/** One warning: what was counted, against what was expected, then what to check. */
const card = (row) => el("li", {},
  el("h3", {}, `${row.area_name}: ${measure(row)}, ${row.year}`),
  el("p", {}, translated(row.why)),
  el("p", {}, translated(row.check)));

function wholeAnswer(found) {
  return [
    found.warnings.length > 0 ? el("ul", { class: "plain" }, found.warnings.map(card)) : el("p", {}, t("web_desk.warnings_none")),
    ...(found.silent.length > 0 ? [
      el("h3", {}, t("web_desk.warnings_silent")),
      hint(t("web_desk.warnings_silent_help")),
      table(t("web_desk.warnings_silent"), [
        { title: t("web_desk.warnings_area"), value: place },
        { title: t("web_desk.warnings_last"), value: (row) => String(row.last), number: true },
      ], found.silent),
    ] : []),
    hint(t("web_desk.warnings_stated", { streams: whole(found.streams), year: decimals(found.false_alarms, 1), told: percent(found.detected[2]) })),
    el("p", {}, el("a", { href: new URL(`${PATH}.atom?lang=${currentLanguage()}`, ROOT).href, type: "application/atom+xml" }, t("web_desk.warnings_feed"))),
    hint(t("web_desk.warnings_feed_help")),
  ];
}

export function createWarnings() {
  let asked = null;
  return {
    key: "warnings",
    title: "web_desk.warnings",
    render(pane) {
      const body = el("div", {}, hint(t("web.loading")));
      pane.replaceChildren(el("h2", {}, t("web_desk.warnings")), hint(t("web_desk.warnings_help")), body);
      asked ??= fetchJson(PATH).catch((error) => {
        asked = null;
        showError(error);
      });
      asked.then((found) => found && body.replaceChildren(...wholeAnswer(found)));
    },
  };
}
