/** The list of ports, the most used first; a desk may add notes to a port. */

import { el, hint, listItem } from "../ui/dom.js";
import { persons, t, title } from "../i18n/i18n.js";
import { signSvg } from "../map/icons.js";
import { CLASSES } from "../map/palette.js";
import { listable } from "../ui/messages.js";
import { estimateTexts } from "./cards/parts.js";
import { classBadge, moreButton, provinceChoice } from "./list-parts.js";

/**
 * `features` are those of the layer `ports`; `choice` is `{province, limit}`, changed by `onProvince(code)` and
 * `onMore(limit)`; `areaName(code)` names a place and `notes(row)` gives what a desk adds to a port.
 */
export function renderPorts(pane, { choice, areaName, notes, onProvince, onMore, selection, onSelect, ...list }) {
  if (!listable(pane, list, "web.ports_none")) return;
  const ports = byUse(list.features);
  const codes = [...new Set(ports.map(({ properties: p }) => p.province_code))].filter(Boolean);
  const inside = ports.filter(({ properties: p }) => !choice.province || p.province_code === choice.province);
  const shown = inside.length > 0 ? inside : ports;
  const item = ({ properties: p }) => {
    const load = estimateTexts(p, "load", persons);
    return listItem(
      { type: "terminal", key: p._key, selection, onSelect },
      el("span", { class: "item-name" }, signSvg(p.kind), " ", p.name, " ", el("small", {}, [title("kind", p.kind), areaName(p.area_code)].filter(Boolean).join(" · "))),
      el("span", { class: "item-facts" }, load ? el("span", { class: "amount" }, t("web.item_persons", load)) : classBadge(p.load_class)),
      ...notes(p),
    );
  };
  pane.replaceChildren(
    hint(t("web.ports_intro")),
    codes.length > 1 ? provinceChoice("port-province", codes.map((code) => [code, areaName(code) ?? code]), choice.province, onProvince) : "",
    el("ol", { class: "list" }, shown.slice(0, choice.limit).map(item)),
    moreButton(shown.length, choice.limit, onMore),
  );
}

function byUse(features) {
  const rank = ({ properties: p }) => p.rank ?? features.length - CLASSES.indexOf(p.load_class);
  return [...features].sort((a, b) => rank(a) - rank(b) || a.properties.name.localeCompare(b.properties.name, "id"));
}
