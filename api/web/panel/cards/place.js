/** The cards of a settlement and of an office. */

import { el, hint } from "../../ui/dom.js";
import { persons, score, t, title, whole } from "../../i18n/i18n.js";
import { signSvg } from "../../map/icons.js";
import { classBadge } from "../list-parts.js";
import { caveats, estimateTexts, heading, provenance, sentence } from "./parts.js";

/** The card of a village or another populated place. */
export function settlement({ properties: p }, { id, parentName, link, deskParts }) {
  const points = estimateTexts(p, "score", score);
  const departures = estimateTexts(p, "departures", persons);
  const parent = p.regency_code ? parentName(p.regency_code) : null;
  return [
    ...heading([title("kind", p.kind), parent].filter(Boolean).join(" · "), p.name),
    ...(p.class ? [el("p", {}, classBadge(p.class)), hint(t("web.class_of_regency"))] : []),
    p.population > 0 ? sentence(t("web.area_population", { population: whole(p.population) })) : null,
    points ? sentence(t("web.area_score", points)) : null,
    departures ? sentence(t("web.area_departures", { ...departures, rate: persons(p.departures_per_100k_mean) })) : null,
    parent ? el("p", {}, t("web.help_near"), " ", link({ type: "area", id: p.regency_code }, parent)) : null,
    ...deskParts({ settlement: id }),
    ...provenance(p),
    points || departures ? caveats("web.caveat_model", "web.caveat_unknown") : null,
  ];
}

/** The card of an office. */
export function service({ properties: p }, { parentName }) {
  const serves = (p.jurisdiction ?? "").split(";").map(parentName).filter(Boolean).join(", ");
  return [
    ...heading(p.kind ? title("service", p.kind) : title("kind", "service"), p.name, signSvg("service")),
    p.place ? sentence(t("web.terminal_place", { place: p.place })) : null,
    serves ? sentence(t("web.service_jurisdiction", { jurisdiction: serves })) : null,
    ...provenance(p),
  ];
}
