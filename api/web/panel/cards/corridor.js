/** The card of a corridor: who passes it, how grave that is, through which places, and from where. */

import { bar, el, hint } from "../../ui/dom.js";
import { LEAST_SHARE, capital, className, hasText, label, percent, persons, score, t, title, translated } from "../../i18n/i18n.js";
import { endName } from "../../map/destinations.js";
import { signSvg } from "../../map/icons.js";
import { CLASSES } from "../../map/palette.js";
import { longTable } from "../../ui/tables.js";
import { classBadge } from "../list-parts.js";
import { corridorName } from "../lists.js";
import {
  caveats, countsByYear, estimateOf, estimateTexts, folded, headline, heading, help, largest, section, sentence, sources,
} from "./parts.js";

const MOST_ORIGINS = 8;

const bars = (rows) => el("ul", { class: "bars" }, rows);

/** The card of `feature`; `extra` is the answer of the service (or null), `features` its layer. */
export function corridor({ properties }, { extra, features, most, beside, attribution, deskParts }) {
  const p = flat(properties, extra?.corridor);
  const points = Array.isArray(p.waypoints) ? p.waypoints : [];
  if (p.reason) return nobody(p, points);
  const expected = estimateOf(p, "persons");
  const risk = estimateTexts(p, "score", score);
  const words = (extra?.card?.why ?? []).map((text) => sentence(translated(text)));
  return [
    ...heading(t("web.corridor"), corridorName({ properties: p })),
    ...(expected
      ? headline(expected, most ?? largest(features, "persons"))
      : [el("p", { class: "headline" }, el("strong", { class: "words" }, className(p.class)))]),
    expected ? el("p", {}, classBadge(p.class, "corridor", p[`p_${p.class}`])) : null,
    path(p, points),
    !expected && p.class_low && p.class_low !== p.class_high
      ? sentence(t("web.class_between", { low: className(p.class_low), high: className(p.class_high) })) : null,
    ...(expected ? [] : [sentence(t("web.corridor_class_only")), sentence(t("web.line_meaning"))]),
    ...(words.length > 0 ? [el("h3", {}, t("web.why_matters")), ...words] : []),
    risk && sentence(t("web.corridor_score", { ...risk, class: className(p.class) })),
    folded("web.details", components(p), probabilities(p)),
    ...waypoints(points),
    expected ? hint(t(extra?.corridor.points ? "web.named_points" : "web.arc_meaning")) : null,
    ...deskParts(extra),
    ...origins(p.origins ?? []),
    ...countsByYear(extra?.card, null, beside),
    ...help(extra?.card),
    sources(attribution),
    caveats("web.caveat_not_victims", "web.caveat_classes", "caveat.enforcement", "web.caveat_unknown"),
  ];
}

/** A corridor that nobody is expected on, and why. */
const nobody = (p, points) => [
  ...heading(t("web.corridor"), corridorName({ properties: p })),
  el("p", {}, classBadge(p.class, "corridor")),
  sentence(capital(translated(p.reason))),
  ...waypoints(points),
  hint(t("web.named_points")),
  caveats("web.caveat_model", "web.caveat_unknown"),
];

const waypoints = (points) => section("web.waypoints", null, points, (rows) => el("ol", { class: "waypoints" }, rows.map((point) =>
  el("li", {}, signSvg(point.kind), endName(point), " ", el("small", {}, label("kind", point.kind))))));

/** The fields of the layer, taken from the service's answer where there is one. */
const flat = (properties, { components = {}, p_class: probable, ...row } = {}) => ({
  ...properties, ...row, ...components,
  ...Object.fromEntries(Object.entries(probable ?? {}).map(([name, value]) => [`p_${name}`, value])),
});

function path(p, points) {
  if (points.length === 0) return null;
  const names = points.map(endName).join(" → ");
  const beyond = p.destination_name && points.at(-1).name !== p.destination_name;
  return sentence(beyond ? t("web.corridor_path_to", { path: names, destination: endName({ id: p.destination_id, name: p.destination_name }) }) : t("web.corridor_path", { path: names }));
}

/** The components: persons a year (no bar: they have no upper end), a share, and two on 0-10. */
function components(p) {
  const rows = [];
  const add = (name, share, text) => {
    if (Number.isFinite(p[name])) rows.push(bar(title("component", name), share(p[name]), text(p[name])));
  };
  const tenth = (v) => v / 10;
  const ofTen = (v) => `${score(v)} / 10`;
  add("volume", () => null, (v) => `${persons(v)} ${t("unit.persons_year")}`);
  add("vulnerability", tenth, ofTen);
  // a share that not every tier has comes with its text
  const shares = Object.keys(p).filter((name) => name.endsWith("_share") && hasText(`component.${name}`));
  for (const name of shares) add(name, (v) => v, percent);
  add("hazard", tenth, ofTen);
  return section("web.components", "web.components_help", rows, () => [bars(rows), hint(t("component.hazard_meaning"))]).flat();
}

/** How probable each class is, from the highest; one that no simulation has is not impossible. */
function probabilities(p) {
  const known = [...CLASSES].reverse().filter((name) => Number.isFinite(p[`p_${name}`]));
  const rows = known.map((name) => bar(title("class", name), p[`p_${name}`], percent(p[`p_${name}`], { least: LEAST_SHARE })));
  return section("web.class_probabilities", "web.class_probabilities_help", rows, bars);
}

function origins(list) {
  const largestFirst = list.slice(0, MOST_ORIGINS).filter(({ share }) => share >= 0.005);
  const rows = largestFirst.map((origin) => bar(origin.name, origin.share, percent(origin.share)));
  const rest = 1 - largestFirst.reduce((sum, origin) => sum + origin.share, 0);
  if (rows.length > 0 && rest > 0.005) rows.push(bar(t("web.origins_other"), rest, percent(rest)));
  return [...section("web.origins", "web.origins_help", rows, bars), rows.length > 0 ? allOrigins(list) : null];
}

/** Every regency with its share; where several share less than a hundredth each, that is said. */
const allOrigins = (list) => folded("web.origins_all", longTable(t("web.origins_all"), [
  { title: t("web.origins_area"), value: ({ name }) => name },
  { title: t("web.origins_share"), number: true, value: ({ share }) => percent(share) },
], list, 30));
