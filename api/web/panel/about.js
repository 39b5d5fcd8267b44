/** The foot of the panel: caveats, attribution, id, edition and approval of the release. */

import { el } from "../ui/dom.js";
import { releaseLine } from "../ui/messages.js";
import { day, t, today, translated } from "../i18n/i18n.js";

/** Number and day of an edition, and who approved it. */
function editionTexts({ number, date, approval }) {
  return [
    t("web.edition", { number, date: day(date) }),
    approval ? t("web.approved", { ...approval, date: day(approval.date) }) : t("web.not_approved"),
  ];
}

/** The manifest that stands in the foot. */
let known = null;

/** What a copy of the map has to say of its edition, and how to credit it; nothing before the edition is known. */
export function editionLines() {
  const { edition } = known ?? {};
  if (!edition) return [];
  return [editionTexts(edition).join(" · "), t("web.paper_credit", { number: edition.number, date: day(edition.date) })];
}

/** Caveats, attribution, release id and edition; `release` is the manifest, null before it is known. */
export function renderAbout(place, { release, id, tier }) {
  known = release;
  const list = (texts) => el("ul", {}, texts.map((text) => el("li", {}, text)));
  place.replaceChildren(
    ...(release
      ? [
        el("h2", {}, t("web.about_title")),
        list(release.caveats.map(translated)),
        el("h2", {}, t("web.attribution")),
        list(release.attribution.map(translated)),
      ]
      : []),
    releaseLine(id),
    ...(release?.edition ? [el("p", { class: "edition" }, editionLines().join(". "))] : []),
    el("p", { class: "printed" }, t("web.print_tier", { tier, date: today() })),
  );
}
