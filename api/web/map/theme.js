/** The colours in force: the light ones, or the dark ones on a screen that asks for them; paper is always light. */

import { byId } from "../ui/dom.js";
import { AREA_COLOURS, BASE, CHANGE_COLOURS, CORRIDOR_COLOURS, DARK, FLOW_COLOURS, LEG_COLOURS } from "./palette.js";

const LIGHT = { AREA_COLOURS, BASE, CHANGE_COLOURS, CORRIDOR_COLOURS, FLOW_COLOURS, LEG_COLOURS };
const KEPT_AS = "petajaga-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

/** Read where something is drawn; `setTheme` replaces what is in it. */
export const colours = { ...LIGHT };

export const isDark = () => document.documentElement.dataset.theme === "dark";

/** Show the light colours or the dark ones; what is drawn already has to be drawn again. */
export function showTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  Object.assign(colours, dark ? DARK : LIGHT);
  const ramp = (steps) => [steps.very_low, steps.medium, steps.very_high].join(", ");
  const each = (stem, table) => Object.entries(table).map(([name, colour]) => [`${stem}-${name}`, colour]);
  const used = [
    ...each("leg", colours.LEG_COLOURS), ...each("change", colours.CHANGE_COLOURS), ...each("area", colours.AREA_COLOURS), ["sea", colours.BASE.sea], ["land", colours.BASE.land], ["dots", colours.BASE.border],
    ["not-assessed", colours.BASE.notAssessed],
    ["flow-air", colours.FLOW_COLOURS.air], ["ramp-areas", ramp(colours.AREA_COLOURS)], ["ramp-corridors", ramp(colours.CORRIDOR_COLOURS)],
  ];
  for (const [name, value] of used) document.documentElement.style.setProperty(`--${name}`, value);
}

/** What stands on the screen where `colour` is drawn on land with this opacity. */
export function onLand(colour, opacity) {
  const [above, below] = [colour, colours.BASE.land].map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return `rgb(${above.map((value, i) => Math.round(value * opacity + below[i] * (1 - opacity))).join(" ")})`;
}

/** A browser may refuse to keep anything: the choice then lasts as long as the page. */
function kept(value) {
  try {
    if (value !== undefined) localStorage.setItem(KEPT_AS, value);
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

/** Let lists and the legend show areas (`--shown-CLASS`) as they stand on the map with this opacity. */
export function showAreas(opacity) {
  for (const [name, colour] of Object.entries(colours.AREA_COLOURS)) document.documentElement.style.setProperty(`--shown-${name}`, onLand(colour, opacity));
}

// The reader's choice or the system's, before anything is drawn.
showTheme((kept() ?? (system.matches ? "dark" : "light")) === "dark");

/** Wire what changes the theme; `redraw()` draws what has colours again. */
export function wireTheme(redraw) {
  const change = (dark) => {
    showTheme(dark);
    redraw();
  };
  byId("theme").addEventListener("click", () => {
    change(!isDark());
    kept(isDark() ? "dark" : "light");
  });
  system.addEventListener("change", ({ matches }) => {
    if (!kept()) change(matches);
  });
}
