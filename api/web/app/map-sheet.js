/** Where the map stands: beside the panel, or on a narrow screen above it, opened by a button; drawn when first open. */

import { ROOT } from "./data.js";
import { has, t } from "../i18n/i18n.js";
import { NARROW, byId, el } from "../ui/dom.js";

const root = document.documentElement;
const SLOW_MS = 2500;
/** What is pressed may scroll the page for so long. */
const SETTLES_MS = 600;

const LIBRARY = new URL("static/vendor/maplibre-gl/maplibre-gl", ROOT).href;

/** The map's library and its styles, half of all that the page weighs; also done where they do not come. */
const libraryRan = () => Promise.all([
  // before the page's own styles, which change some of them
  new Promise((resolve) => {
    document.querySelector("link[rel=stylesheet]").before(el("link", { rel: "stylesheet", href: `${LIBRARY}.css`, onload: resolve, onerror: resolve }));
  }),
  new Promise((resolve) => {
    document.head.append(el("script", { src: `${LIBRARY}.js`, onload: resolve, onerror: resolve }));
  }),
]);

/** A promise and what keeps it. */
function gate() {
  let open;
  return { passed: new Promise((resolve) => { open = resolve; }), open: () => open() };
}

/**
 * The sheet, closed on a narrow screen: `opened`, `open()` -> a promise of the first time that the map can be used,
 * and `ready()` to be called then. `draw(libraryRan)` is called when it is first open, and `onOpen()` each time.
 *
 * While the map starts the page hears no answer, so its library counts as run after `mayStart()`, when what the lists
 * need is asked for. `firstPicture` is when it was `painted()`, or a moment later on a machine that draws slowly: its
 * layers come then.
 */
export function createMapSheet({ draw, onOpen }) {
  const button = byId("map-toggle");
  let drawn = false;
  const [usable, started, picture] = [gate(), gate(), gate()];
  setTimeout(picture.open, SLOW_MS);
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
      draw(Promise.all([libraryRan(), started.passed]));
    }
    onOpen();
  };
  /** Scrolling down a list takes the button out of the way of its rows; scrolling up, or pressing anything, brings it back. */
  let scrolled = 0;
  let pressed = 0;
  const press = () => {
    pressed = performance.now();
    button.classList.remove("aside");
  };
  const follow = () => {
    const gone = window.scrollY;
    button.classList.toggle("aside", gone > scrolled && !opened() && performance.now() - pressed > SETTLES_MS);
    scrolled = gone;
  };
  const start = () => {
    if (NARROW.matches) root.dataset.map = "closed";
    set(!NARROW.matches);
    byId("legend").open = !NARROW.matches;
    button.addEventListener("click", () => set(!opened()));
    window.addEventListener("scroll", follow, { passive: true });
    document.addEventListener("click", press);
    NARROW.addEventListener("change", () => NARROW.matches || set(true));
  };
  return {
    start,
    ready: usable.open,
    mayStart: started.open,
    painted: picture.open,
    firstPicture: picture.passed,
    get opened() {
      return opened();
    },
    open() {
      if (!opened()) set(true);
      return usable.passed;
    },
  };
}
