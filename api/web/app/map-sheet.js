/** Where the map stands: beside the panel, or on a narrow screen above it, opened by a button; drawn when first open. */

import { ROOT } from "./data.js";
import { has, t } from "../i18n/i18n.js";
import { byId, el } from "../ui/dom.js";

const NARROW = window.matchMedia("(max-width: 760px)");
const root = document.documentElement;

/** The map's library, half of all that the page weighs; also done where it does not come. */
const libraryRan = () => new Promise((resolve) => {
  document.head.append(el("script", {
    src: new URL("static/vendor/maplibre-gl/maplibre-gl.js", ROOT).href, onload: resolve, onerror: resolve,
  }));
});

/**
 * The sheet, closed on a narrow screen: `opened`, `open()` -> a promise of the first time that the map can be used,
 * and `ready()` to be called then. `draw(libraryRan)` is called when it is first open, and `onOpen()` each time.
 */
export function createMapSheet({ draw, onOpen }) {
  const button = byId("map-toggle");
  let drawn = false;
  let ready;
  const usable = new Promise((resolve) => {
    ready = resolve;
  });
  const opened = () => root.dataset.sheet === "open";
  const set = (open) => {
    root.dataset.sheet = open ? "open" : "closed";
    button.setAttribute("aria-expanded", String(open));
    button.dataset.i18n = open ? "web.map_close" : "web.map_open";
    if (has(button.dataset.i18n)) button.textContent = t(button.dataset.i18n);
    if (!open) return;
    if (!drawn) {
      drawn = true;
      root.dataset.map = "drawing";
      draw(libraryRan());
    }
    onOpen();
  };
  const start = () => {
    if (NARROW.matches) root.dataset.map = "closed";
    set(!NARROW.matches);
    byId("legend").open = !NARROW.matches;
    button.addEventListener("click", () => set(!opened()));
    NARROW.addEventListener("change", () => NARROW.matches || set(true));
  };
  return {
    start,
    ready,
    get opened() {
      return opened();
    },
    open() {
      if (!opened()) set(true);
      return usable;
    },
  };
}
