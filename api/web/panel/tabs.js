/** The tabs of the panel; some exist only for sessions that have their data. */

import { byId, el } from "../ui/dom.js";
import { t } from "../i18n/i18n.js";

const TITLES = {
  corridors: "layer.corridors.title",
  areas: "layer.areas.title",
  ports: "web.tab_ports",
  hotspots: "web.tab_hotspots",
  work: "web.tab_work",
  time: "web.tab_time",
  guide: "web.tab_guide",
  layers: "web.tab_layers",
};

const list = () => document.querySelector("#browse .tabs");
const allTabs = () => [...list().querySelectorAll("[role=tab]")];
const nameOf = (tab) => tab.id.replace("tab-", "");

/** Choose a tab by pointer or arrow keys (ARIA tabs pattern). */
export function wireTabs(choose) {
  list().addEventListener("click", ({ target }) => {
    if (target.matches("[role=tab]")) choose(nameOf(target));
  });
  list().addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = allTabs();
    const at = tabs.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = tabs[(at + step + tabs.length) % tabs.length];
    choose(nameOf(next));
    next.focus();
  });
}

/** Create or remove tabs and panes so that exactly those of `names` exist, in this order. */
export function setTabs(names) {
  for (const tab of allTabs().filter((other) => !names.includes(nameOf(other)))) {
    tab.remove();
    byId(`pane-${nameOf(tab)}`).remove();
  }
  for (const name of names) {
    if (byId(`tab-${name}`)) continue;
    list().append(el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `pane-${name}`, "data-i18n": TITLES[name] }, t(TITLES[name])));
    byId("browse").append(el("div", { id: `pane-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}`, hidden: true }));
  }
  if (allTabs().map(nameOf).join() !== names.join()) list().append(...names.map((name) => byId(`tab-${name}`)));
}

/** Mark `chosen` and show its pane. */
export function showTab(chosen) {
  for (const tab of allTabs()) {
    const open = tab.id === `tab-${chosen}`;
    tab.setAttribute("aria-selected", String(open));
    tab.tabIndex = open ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !open;
  }
}
