/** The foot of the panel: what the release says about itself, in the language of the page. */

import { el } from "../ui/dom.js";
import { currentLanguage, t, today } from "../i18n/i18n.js";

/** Texts of a manifest: plain ones, or `{id, en}` each. */
function words(given) {
  const language = currentLanguage();
  return (given ?? []).map((item) => (typeof item === "string" ? item : (item[language] ?? ""))).filter(Boolean);
}

/** Caveats, attribution and release id; `release` is the manifest, null before it is known. */
export function renderAbout(place, { release, id, tier }) {
  const list = (texts) => el("ul", {}, texts.map((text) => el("li", {}, text)));
  const caveats = words(release?.caveats);
  place.replaceChildren(
    el("h2", {}, t("aboutTitle")),
    list(caveats.length > 0 ? caveats : [t("caveatModel"), t("caveatEnforcement"), t("caveatUnknown")]),
    ...(release ? [el("h2", {}, t("attribution")), list(words(release.attribution))] : []),
    el("p", { class: "release" }, `${t("release")} `, el("code", {}, id ?? t("releaseMissing"))),
    el("p", { class: "printed" }, t("printTier", { tier, date: today() })),
  );
}
