/** The foot of the panel: caveats, attribution and id of the release. */

import { el } from "../ui/dom.js";
import { releaseLine } from "../ui/messages.js";
import { t, today, translated } from "../i18n/i18n.js";

/** Caveats, attribution and release id; `release` is the manifest, null before it is known. */
export function renderAbout(place, { release, id, tier }) {
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
    el("p", { class: "printed" }, t("web.print_tier", { tier, date: today() })),
  );
}
