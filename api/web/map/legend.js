/** The legend of what is drawn, in the current language. */

import { el, hatched, mark } from "../ui/dom.js";
import { className, hasText, label, persons, t, title } from "../i18n/i18n.js";
import { HOTSPOT_CLASSES, hotspotName } from "../panel/hotspots.js";
import { sampleArrow } from "./flows.js";
import { SIGNS, hotspotSvg, signColour, signSvg, svg } from "./icons.js";
import { WIDTH_RANGE, areaOpacity, badgeOf, widthScale } from "./layers.js";
import { CLASSES, RATE_CUTS, UNSURE_BELOW } from "./palette.js";
import { colours, showAreas } from "./theme.js";

/**
 * Draw the legend. `visible` are layer names, `features` their features by name, `extra` further groups:
 * `{title, rows: [[sign, text]]}`.
 */
export function renderLegend(body, { visible, features, extra = [] }) {
  const parts = extra.map(({ title: heading, rows }) => group(heading, rows.map(([sign, label]) => row(sign ?? "", label))));
  showAreas(areaOpacity(visible));
  const isDrawn = (name) => visible.includes(name) && features[name]?.length > 0;
  if (isDrawn("areas")) parts.push(areaLegend(features.areas));
  if (isDrawn("corridors")) parts.push(...corridorLegend(features.corridors));
  if (isDrawn("legs") && features.legs.some(({ properties }) => properties.flow_mean > 0)) {
    parts.push(...flowLegend(features.terminals ?? []));
  } else if (isDrawn("legs")) {
    parts.push(group(t("layer.legs.title"), ["sea", "air", "land"].map((name) => row(mark(`line line-${name}`), label("medium", name)))));
  }
  if (isDrawn("terminals")) parts.push(terminalLegend(features.terminals));
  if (isDrawn("services")) {
    parts.push(group(t("layer.services.title"), [row(signSvg("service"), title("kind", "service"))]));
  }
  if (isDrawn("hotspots")) {
    const present = new Set(features.hotspots.map((feature) => feature.properties.class));
    const classes = HOTSPOT_CLASSES.filter((name) => present.has(name));
    parts.push(group(t("layer.hotspots.title"), classes.map((name) => row(hotspotSvg(name), hotspotName(name)))));
  }
  body.replaceChildren(...parts);
}

const group = (heading, rows) => el("section", {}, el("h3", {}, heading), el("ul", {}, rows));
/** `drawn` is a map layer, or one and a property with its value, without which paper leaves the row out. */
const row = (sign, label, drawn = null) => el("li", { "data-drawn": drawn }, sign, label);

/** Between which rates a class of areas lies. */
export function rateRange(name) {
  const i = CLASSES.indexOf(name);
  return i === 0 ? `< ${RATE_CUTS[0]}` : i === RATE_CUTS.length ? `≥ ${RATE_CUTS.at(-1)}` : `${RATE_CUTS[i - 1]}–${RATE_CUTS[i]}`;
}

/** Colours as they stand on the map, and between which rates each class lies. */
function areaLegend(features) {
  const some = (property, value) => features.some(({ properties }) => properties[property] === value);
  const rows = CLASSES.map((name) => row(
    mark("swatch", `var(--shown-${name})`), `${className(name)} (${rateRange(name)})`,
  )).reverse();
  rows.push(row(mark("swatch dots"), className("not_assessed")));
  if (features.some(({ properties: { class_probability: p } }) => p < UNSURE_BELOW)) rows.push(row(hatched("medium"), t("web.legend_unsure")));
  if (some("boundary", "approximate")) rows.push(row(mark("swatch soft"), t("web.legend_approximate")));
  return group(t("web.legend_areas"), rows);
}


function corridorLegend(features) {
  const present = new Set(features.map((feature) => feature.properties.class));
  const classes = [...CLASSES, "not_assessed"].reverse().filter((name) => present.has(name));
  const rows = classes.map((name) => row(stroke(colours.CORRIDOR_COLOURS[name], 4), className(name), `corridors-line class ${name}`));
  if (rows.length > 0) rows.push(row(signSvg("destination"), label("kind", "destination"), "destinations-disc"));
  const parts = [group(t("web.legend_corridors"), rows)];
  const width = widthScale(features);
  if (width) {
    const most = Math.max(...features.map((feature) => Number(feature.properties.persons_mean) || 0));
    const samples = [most, most / Math.sqrt(WIDTH_RANGE), most / WIDTH_RANGE].map(round);
    parts.push(group(t("web.legend_width"), samples.map((v) => row(stroke(colours.BASE.second, width(v)), persons(v)))));
  }
  return parts;
}

/** Arrows as the map draws them: three sizes, and what their colours and dashes say. */
function flowLegend(terminals) {
  const samples = [500, 5000, 20_000].map((value) => row(arrowSvg(value), persons(value)));
  const kinds = new Set(terminals.filter(({ properties }) => properties.official === false).map(({ properties }) => properties.kind));
  const { surface } = colours.FLOW_COLOURS;
  return [
    group(t("web.legend_width"), samples),
    group(t("layer.legs.title"), [
      row(stroke(surface, 6), `${title("medium", "sea")}, ${label("medium", "land")}`),
      row(mark("line flow-air"), label("medium", "air")),
      row(signSvg("destination"), t("web.legend_region")),
      ...[...kinds].map((kind) => row(stroke(signColour(kind), 6), t("web.flow_through", { kind: label("kind", kind) }))),
    ]),
  ];
}

function arrowSvg(value) {
  const { d, width, height } = sampleArrow(value);
  return svg({ class: "arrow", width, height, viewBox: `0 0 ${width} ${height}` }, { d, fill: colours.FLOW_COLOURS.surface });
}

/** To one leading digit, so that the legend reads 200 rather than 213. */
function round(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((Math.round(value / power) * power).toPrecision(6));
}

function stroke(colour, width) {
  const line = mark("stroke", colour);
  line.style.height = `${Math.max(1, width)}px`;
  return line;
}

function terminalLegend(features) {
  const present = new Set(features.map((feature) => feature.properties.kind));
  const kinds = Object.keys(SIGNS).filter((kind) => present.has(kind));
  const hasLoads = features.some(({ properties }) => properties.load_mean > 0);
  const rows = kinds.map((kind) => row(
    signSvg(kind), hasText(`web.terminal_${kind}`) ? t(`web.terminal_${kind}`) : title("kind", kind), `terminals-sign kind ${kind}`,
  ));
  const badge = badgeOf();
  if (badge) rows.push(row(signSvg(badge.sign), badge.label()));
  const hasClasses = !hasLoads && features.some(({ properties }) => properties.load_class);
  return group(t(hasLoads ? "web.legend_load" : hasClasses ? "web.legend_load_class" : "layer.terminals.title"), rows);
}
