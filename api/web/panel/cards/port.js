/** The card of a port: how many pass, whence and whither and by which legs, through which corridors, who helps. */

import { el, hint } from "../../ui/dom.js";
import { hasText, label, persons, t, title, whole } from "../../i18n/i18n.js";
import { withEndName } from "../../map/destinations.js";
import { signSvg } from "../../map/icons.js";
import { classBadge } from "../list-parts.js";
import { estimateTable } from "./charts.js";
import {
  caveats, countsByYear, estimateOf, folded, headline, heading, help, largest, links, provenance, section, sentence, sources,
} from "./parts.js";

/** Legs and corridors that are drawn before the rest is folded, and persons a year that make a leg worth a row. */
const SHOWN = 5;
const LEAST = 0.5;

/** The card of `feature`; `extra` is the answer of the service (or null), `features` its layer, `beside` all cards that share a scale. */
export function port({ properties }, { extra, features, most, beside, parentName, link, attribution, deskParts }) {
  const p = { ...properties, ...extra?.terminal };
  const card = extra?.card;
  const load = estimateOf(p, "load");
  const province = p.province_code && (card?.names[p.province_code] ?? parentName(p.province_code));
  const terminals = new Map(features.map((feature) => [feature.properties.id, feature.properties]));
  return [
    ...heading([title("kind", p.kind), p.place, province].filter(Boolean).join(" · "), p.name, signSvg(p.kind)),
    ...(load ? headline(load, most ?? largest(features, "load"), rank(p)) : []),
    p.load_class && !load ? el("p", { class: "classes" }, classBadge(p.load_class), " ", el("small", {}, t("web.port_class"))) : null,
    sentence(`${t(hasText(`web.terminal_${p.kind}`) ? `web.terminal_${p.kind}` : "web.terminal_official")}.`),
    p.kind === "border_post" ? hint(t("web.at_border")) : null,
    ...deskParts(extra),
    load || !p.province_code ? null : hint(t("web.port_staff")),
    ...(extra && load && !(p.coast_landings > 1) ? staysAboard(extra, load) : []),
    ...(extra ? movements(extra, terminals, link, beside) : []),
    ...(extra?.corridors.length > 0 ? corridors(extra.corridors, p, features, link, beside) : []),
    ...countsByYear(card, null, beside, { of: "web.counts_of_all" }),
    ...(card?.covered ? help(card, p.id) : []),
    ...provenance(p),
    sources(attribution),
    load ? caveats("web.caveat_not_victims", "web.caveat_model", "caveat.enforcement") : null,
  ];
}

const rank = (p) => (Number.isFinite(p.rank) && Number.isFinite(p.ports)
  ? t("web.port_rank", { rank: whole(p.rank), ports: whole(p.ports) })
  : "");

/** Corridors are those of the whole place: where it has other ports too, they may carry more than this one. */
function corridors(rows, { place }, features, link, beside) {
  const called = t("web.port_corridors", { place });
  const count = features.filter(({ properties: p }) => p.place === place && p.country === "ID").length;
  return [
    el("h3", {}, called),
    count > 1 ? hint(t("web.port_corridors_place", { place, count })) : null,
    estimateTable(called, rows.map((row) => ({
      name: link({ type: "corridor", id: row.id }, withEndName(row.name).replaceAll(" - ", " – ")),
      estimate: row.persons_per_year,
    })), largestOf(beside, ({ corridors: all }) => all.map((row) => row.persons_per_year))),
  ];
}

/** The largest upper end among estimates of all cards that share a scale. */
const largestOf = (beside, estimatesOf) =>
  Math.max(0, ...beside.flatMap(({ extra }) => (extra ? estimatesOf(extra) : [])).map((estimate) => estimate?.p95 ?? 0));

/** Whence people come and whither they go on, on one axis; where no flow is known the places alone. */
function movements({ arrivals, legs }, terminals, link, beside) {
  const flow = (leg) => estimateOf(leg, "flow");
  const known = (rows) => rows.filter((leg) => flow(leg)?.mean >= LEAST).sort((a, b) => flow(b).mean - flow(a).mean);
  const ends = [["web.port_from", arrivals, "from"], ["web.port_to", legs, "to"]];
  if (![...arrivals, ...legs].some(flow)) {
    const found = ends.map(([key, rows, end]) => [key, places(rows, end)]);
    const [from, to] = found.map(([, there]) => there.map(({ selection }) => selection.id).join());
    const told = from === to ? [["web.port_beside", found[0][1]]] : found;
    return told.flatMap(([key, there]) => section(key, null, there, (those) => links(those, link)));
  }
  const most = largestOf(beside, (extra) => [...extra.arrivals, ...extra.legs].map(flow));
  return ends.flatMap(([key, rows, end]) => section(key, null, known(rows), (found) => {
    const drawn = (part) => estimateTable(t(key), part.map((leg) => ({ name: legName(leg, end, terminals, link), estimate: flow(leg) })), most);
    return el("div", {}, drawn(found.slice(0, SHOWN)),
      found.length > SHOWN ? folded("web.details", drawn(found.slice(SHOWN))) : null);
  }));
}

/**
 * Who stays aboard a ship that calls is on its legs and not in the load of the port: where the legs by sea carry more
 * than board or land here, at least that many stay aboard. No ship calls at an airport or at a crossing on a road.
 */
function staysAboard({ arrivals, legs }, load) {
  const carried = (rows) => rows.filter(({ medium }) => medium === "sea").reduce((sum, leg) => sum + (estimateOf(leg, "flow")?.mean ?? 0), 0);
  const aboard = Math.max(carried(arrivals), carried(legs)) - load.mean;
  return aboard >= LEAST ? [sentence(t("web.port_aboard", { persons: persons(aboard) }))] : [];
}

/** The other end of a leg with its sign, and the line or way of travel; a leg to a landing has all who go to its coast. */
function legName(leg, end, terminals, link) {
  const { kind, coast_landings: count } = terminals.get(leg[`${end}_id`]) ?? {};
  const whole = end === "to" && count > 1 ? t("web.leg_to_coast") : null;
  return el("span", {},
    kind ? [signSvg(kind), " "] : null,
    link({ type: "terminal", id: leg[`${end}_id`] }, leg[`${end}_name`]),
    " ", el("small", {}, [label("mode", leg.mode), whole].filter(Boolean).join("; ")));
}

/** The places at the other end, each once, by name. */
function places(rows, end) {
  const found = new Map(rows.map((leg) => [leg[`${end}_id`], leg[`${end}_name`]]));
  return [...found].map(([id, name]) => ({ selection: { type: "terminal", id }, name }))
    .sort((a, b) => a.name.localeCompare(b.name, "id"));
}
