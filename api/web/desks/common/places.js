/** Places to choose from, by kind, of the layers of the session. */

import { t, title } from "../../static/i18n/i18n.js";

const cache = new WeakMap();

/** Cache a list by the features it is made of. */
function once(features, make) {
  if (!features) return [];
  if (!cache.has(features)) cache.set(features, make());
  return cache.get(features);
}

/** The name of a place of a list; its id where the list has no such place. */
export const nameIn = (places, id) => places.find((place) => place.id === id)?.name ?? id;

/** Terminals in Indonesia. */
export const terminals = (context) => once(context.library.features.terminals, () =>
  context.library.features.terminals
    .filter(({ properties: p }) => (p.country ?? "ID") === "ID")
    .map(({ properties: p }) => ({ id: p._key, name: p.name, kind: p.place ?? "", code: p.area_code ?? "" })));

/** Settlements stand for villages where no official points are loaded. */
export const villages = (context) => once(context.library.features.settlements, () => {
  const places = context.library.features.settlements;
  const official = places.filter(({ properties: p }) => p.kind === "village");
  return (official.length ? official : places).map(({ properties: p }) =>
    ({ id: p._key, name: p.name, kind: context.areaName(p.regency_code) ?? "" }));
});

/** Places a team can set out from: seats of regencies by the regency's code, towns and villages, ports. */
export const bases = (context) => [
  ...areas(context, ["regency"]).map(({ id, name, kind }) => ({ id, name: t("web_desk.seat_of", { name }), kind })),
  ...context.library.features.settlements.map(({ properties: p }) => ({ id: p._key, name: p.name, kind: context.areaName(p.regency_code) ?? "" })),
  ...terminals(context).filter(({ code }) => code.startsWith(context.session().province ?? "")),
];

/** Areas; a partner's own province only. `levels` narrows them. */
export function areas(context, levels = null) {
  const every = everyArea(context);
  return levels ? every.filter(({ level }) => levels.includes(level)) : every;
}

function everyArea(context) {
  const { province } = context.session();
  return once(context.library.features.areas, () => context.library.features.areas
    .filter(({ properties: p }) => !province || p.code === province || p.code.startsWith(`${province}.`))
    .map(({ properties: p }) => ({
      id: p.code, name: p.name, level: p.level,
      kind: p.level === "province" ? title("level", "province") : (context.areaName(p.parent) ?? ""),
    })));
}

/** Legs, both directions as one: `{id, from, to, mode}`. */
export const legs = (context) => once(context.library.features.legs, () => {
  const byId = new Map();
  for (const { properties: p } of context.library.features.legs) {
    if (byId.has(p.leg_id)) continue;
    byId.set(p.leg_id, {
      id: p.leg_id, name: `${p.from_name} – ${p.to_name}`, kind: p.line ?? "", from: p.from_id, to: p.to_id, mode: p.mode,
      weekly: p.departures_per_week,
    });
  }
  return [...byId.values()];
});

/** Modes of these legs, in the order of the alphabet. */
export const modes = (context) => [...new Set(legs(context).map(({ mode }) => mode))].sort();
