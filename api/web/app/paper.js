/** The first sheet of paper: the map drawn anew for it, with title, classification, scale, date, edition and credit. */

import { byId, el } from "../ui/dom.js";
import { t, title, today, whole } from "../i18n/i18n.js";
import { drawnIn } from "../map/name-spots.js";
import { isDark, showTheme, wireTheme } from "../map/theme.js";
import { editionLines } from "../panel/about.js";

/** CSS pixels of the map on paper, of which print.css knows the ratio, and how much finer it is drawn. */
const WIDTH = 800;
const HEIGHT = 610;
const FINER = 2;
/** Kilometres of a pixel at the equator and zoom 0. */
const KM = 40_075.017 / 512;
/** A map at least so wide for its height leaves its legend a narrower column. */
const WIDE_FORM = 1.4;
/** How much of the map's width the scale takes at most. */
const SCALE_SHARE = 0.22;

/** The longest round distance that fits, and its share of the map's `width`. */
function scaleOf(map, width) {
  const across = (width * KM * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** map.getZoom();
  const power = 10 ** Math.floor(Math.log10(across * SCALE_SHARE));
  const km = [5, 2, 1].map((step) => step * power).find((length) => length <= across * SCALE_SHARE);
  return { km, share: km / across };
}

const textsOf = (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);

/** What is open in the panel: its card, the result of a desk, or the list. */
function heading() {
  const [open] = [...textsOf("#detail:not([hidden]) h2"), ...textsOf("#browse:not([hidden]) #pane-work:not([hidden]) h2")];
  return open ?? ["Petajaga", ...textsOf("[role=tab][aria-selected=true]")].join(" · ");
}

/**
 * Wire the colours of the screen, and printing, by the button and by the browser.
 *
 * @param {object} page `mapNow()` (null without one), `redraw()` draws what has colours again, `facts()` gives
 *   `{tier, release}`.
 */
export function wireScreenAndPaper({ mapNow, redraw, facts }) {
  wireTheme(redraw);
  /** How to go back to the screen; null while nothing is printed. */
  let restore = null;

  /** Without time for the map to be drawn anew it is printed as it stands: print.css turns dark colours round. */
  function prepare({ anew }) {
    if (restore) return;
    const turned = anew && isDark();
    if (turned) {
      showTheme(false);
      redraw();
    }
    const legend = byId("legend");
    const wasOpen = legend.open;
    legend.open = true;
    const map = mapNow();
    const leaveMap = map && (anew ? fit(map) : asItStands(map));
    const parts = sheetParts(map, anew ? WIDTH : map?.getContainer().clientWidth, facts());
    restore = () => {
      for (const part of [...parts, ...document.querySelectorAll(".paper-map")]) part.remove();
      for (const row of document.querySelectorAll("#legend-body .absent")) row.classList.remove("absent");
      leaveMap?.();
      legend.open = wasOpen;
      if (!turned) return;
      showTheme(true);
      redraw();
    };
  }

  function goBack() {
    restore?.();
    restore = null;
  }

  async function print() {
    prepare({ anew: true });
    const map = mapNow();
    // Twice: the first may be of what was drawn before.
    for (let times = 0; map && times < 2; times += 1) {
      map.triggerRepaint();
      await map.once("idle");
    }
    window.print();
    // Where no browser says that it has printed, the next touch of the page does.
    for (const touch of ["pointerdown", "keydown", "wheel"]) window.addEventListener(touch, goBack, { once: true });
  }

  byId("print").addEventListener("click", print);
  // By the keyboard too the map is drawn first; the browser's menu leaves no time for that.
  window.addEventListener("keydown", (event) => {
    if (event.key !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    print();
  });
  window.addEventListener("beforeprint", () => {
    prepare({ anew: false });
    if (mapNow()) copyMap(mapNow());
    leaveOut(mapNow());
  });
  window.addEventListener("afterprint", goBack);
}

/** Draw the map at its size on paper, all that was in view within it; returns how to undo that. */
function fit(map) {
  const { clientWidth, clientHeight } = map.getContainer();
  const before = { center: map.getCenter(), zoom: map.getZoom(), ratio: map.getPixelRatio() };
  document.documentElement.classList.add("on-paper");
  map.setPixelRatio(FINER);
  map.jumpTo({ center: before.center, zoom: before.zoom + Math.log2(Math.min(WIDTH / clientWidth, HEIGHT / clientHeight)) });
  map.redraw();
  return () => {
    document.documentElement.classList.remove("on-paper");
    map.setPixelRatio(before.ratio);
    map.jumpTo(before);
  };
}

/** Give the sheet the form of the map on the screen; returns how to undo that. */
function asItStands(map) {
  const { clientWidth, clientHeight } = map.getContainer();
  const { style } = document.querySelector(".stage");
  style.setProperty("--form", clientWidth / clientHeight);
  if (clientWidth / clientHeight > WIDE_FORM) style.setProperty("--column", "79%");
  map.redraw();
  return () => ["--form", "--column"].forEach((name) => style.removeProperty(name));
}

/** Mark what the legend says of signs and lines that the map does not show, and write what it is a map of. */
function leaveOut(map) {
  for (const row of map ? document.querySelectorAll("#legend-body li[data-drawn]") : []) {
    const [layer, property, value] = row.dataset.drawn.split(" ");
    const { clientWidth: wide, clientHeight: high } = map.getContainer();
    const drawn = drawnIn(map, { x: 0, y: 0, wide, high }, [layer]);
    row.classList.toggle("absent", !drawn.some(({ properties }) => !property || properties[property] === value));
  }
  for (const section of document.querySelectorAll("#legend-body section")) {
    section.classList.toggle("absent", !section.querySelector("li:not(.absent)"));
  }
  for (const note of document.querySelectorAll(".paper-border")) {
    note.classList.toggle("absent", !document.querySelector("#legend-body li:not(.absent)[data-drawn$=' border_post']"));
  }
  document.querySelector(".paper-about")?.replaceChildren(
    textsOf("#browse:not([hidden]) .changes li > span, #legend-body section:not(.absent) h3").join(" · "));
}

const drawsLines = (map) => Boolean(map?.getLayer("corridors-line")) && map.getLayoutProperty("corridors-line", "visibility") !== "none";

/** A plain picture of the map as it stands: what WebGL draws does not always reach the paper. */
function copyMap(map) {
  const drawn = map.getCanvas();
  const copy = el("canvas", { class: "paper-map", width: drawn.width, height: drawn.height });
  copy.getContext("2d").drawImage(drawn, 0, 0);
  drawn.after(copy);
}

/** The classification in the margin of every sheet, and in the title that browsers without such boxes print there. */
function markSheets(text) {
  const { title } = document;
  const style = new CSSStyleSheet();
  style.replaceSync(`@page { @bottom-right { content: ${JSON.stringify(text)}; font: bold 9px sans-serif; } }`);
  document.adoptedStyleSheets.push(style);
  document.title = `${text} · ${title}`;
  return { remove() {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== style);
    document.title = title;
  } };
}

/** Put title, classification, scale and foot around the map, and the classification on every sheet. */
function sheetParts(map, width, { tier, release }) {
  const stage = document.querySelector(".stage");
  const head = el("header", { class: "paper-head" },
    el("h2", {}, heading()), el("p", { class: "paper-about" }),
    drawsLines(map) ? el("p", { class: "paper-caution" }, t("web.line_meaning")) : null);
  const marking = el("p", { class: "paper-class" }, t(`classification.${tier}`));
  const mark = markSheets(t(`classification.${tier}`));
  const foot = el("footer", { class: "paper-foot" },
    el("p", { class: "paper-border" }, `${title("kind", "border_post")}: ${t("web.at_border")}`),
    ...[t("caveat.boundaries"), ...editionLines(), t("web.paper_foot", { release: release ?? t("web.unknown"), date: today() })].map((line) => el("p", {}, line)));
  stage.prepend(head, marking);
  stage.append(foot);
  if (!map) return [head, marking, mark, foot];
  const { km, share } = scaleOf(map, width);
  const scale = el("p", { class: "paper-scale" }, t("web.paper_scale", { km: km < 1 ? km : whole(km) }));
  scale.style.width = `${100 * share}%`;
  document.querySelector(".sheet").append(scale);
  return [head, marking, mark, foot, scale];
}
