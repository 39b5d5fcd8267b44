/** What stands where a desk plans, for whoever has none: who plans visits and officers, and how to ask for it. */

import { byId, el } from "../ui/dom.js";
import { t } from "../i18n/i18n.js";
import { plain } from "../ui/plain.js";

/** The tab of plans without a sign-in. */
export function showPlanning(pane) {
  pane.replaceChildren(
    el("h2", {}, t("web.planning_heading")),
    el("p", {}, t("web.planning_whose")),
    el("p", { class: "row" }, el("button", { type: "button", class: "primary", id: "planning-sign", onclick: () => byId("sign").click() }, t("web.sign_in"))),
    el("p", {}, t("web.planning_ask")),
  );
}

/** Letters from which the beginning of a word is taken for it. */
const ENOUGH = 4;

/** The hit that a search for planning has, as those of places; none where something else is typed. */
export function planningHits(text, signedIn) {
  const words = plain(t("web.planning_words")).split(", ");
  const typed = plain(text).split(/\s+/).filter(Boolean);
  const known = typed.every((part) => words.some((word) => word === part || (part.length >= ENOUGH && word.startsWith(part))));
  return known ? [{ planning: true, name: t("web.planning_heading"), kind: t(signedIn ? "web.planning_desk" : "web.planning_hit") }] : [];
}
