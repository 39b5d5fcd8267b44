/** Measuring on the map: points in turn, the length of the way between them on the ellipsoid. */

import { announce, byId } from "../ui/dom.js";
import { decimals, t } from "../i18n/i18n.js";
import { collection, setFeatures } from "./geometry.js";
import { colours } from "./theme.js";

/** WGS 84: half the longer axis in metres, and the flattening. */
const AXIS = 6378137;
const FLATTENING = 1 / 298.257223563;
const METRES_A_MILE = 1852;
const STEPS = 48;
/** Below this length kilometres and miles have a decimal. */
const LONG_M = 100_000;

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => (angle * 180) / Math.PI;

/** Metres between two places `[lng, lat]` on the ellipsoid (Lambert's formula: right to some ten metres at any length). */
export function geodesicMetres([lng0, lat0], [lng1, lat1]) {
  const [b0, b1] = [lat0, lat1].map((lat) => Math.atan((1 - FLATTENING) * Math.tan(radians(lat))));
  const half = Math.sin((b1 - b0) / 2) ** 2 + Math.cos(b0) * Math.cos(b1) * Math.sin(radians(lng1 - lng0) / 2) ** 2;
  const angle = 2 * Math.asin(Math.min(1, Math.sqrt(half)));
  if (angle === 0) return 0;
  const [mean, apart] = [(b0 + b1) / 2, (b1 - b0) / 2];
  const x = (angle - Math.sin(angle)) * ((Math.sin(mean) * Math.cos(apart)) / Math.cos(angle / 2)) ** 2;
  const y = (angle + Math.sin(angle)) * ((Math.cos(mean) * Math.sin(apart)) / Math.sin(angle / 2)) ** 2;
  return AXIS * (angle - (FLATTENING / 2) * (x + y));
}

/** Points along the great circle between two places. */
function greatCircle(start, end) {
  const vector = ([lng, lat]) => [Math.cos(radians(lat)) * Math.cos(radians(lng)), Math.cos(radians(lat)) * Math.sin(radians(lng)), Math.sin(radians(lat))];
  const [a, b] = [vector(start), vector(end)];
  const angle = Math.acos(Math.min(1, a.reduce((sum, value, i) => sum + value * b[i], 0)));
  if (angle < 1e-9) return [start, end];
  return Array.from({ length: STEPS + 1 }, (_, k) => {
    const [p, q] = [Math.sin(angle * (1 - k / STEPS)), Math.sin((angle * k) / STEPS)];
    const [x, y, z] = a.map((value, i) => p * value + q * b[i]);
    return [degrees(Math.atan2(y, x)), degrees(Math.atan2(z, Math.hypot(x, y)))];
  });
}

const layers = () => [
  { id: "measure-edge", type: "line", paint: { "line-color": colours.BASE.halo, "line-width": 5 } },
  { id: "measure-line", type: "line", paint: { "line-color": colours.BASE.text, "line-width": 2 } },
  {
    id: "measure-points", type: "circle",
    paint: { "circle-radius": 4, "circle-color": colours.BASE.halo, "circle-stroke-color": colours.BASE.text, "circle-stroke-width": 2 },
    filter: ["==", ["geometry-type"], "Point"],
  },
].map((layer) => ({ source: "measure", ...layer }));

/** Wire the button. `take(lngLat)` adds a point of a click while measuring, and says whether it did. */
export function wireMeasure(map) {
  const button = byId("measure");
  const output = byId("measured");
  let points = null;

  function draw() {
    const geometries = [
      ...points.slice(1).map((end, i) => ({ type: "LineString", coordinates: greatCircle(points[i], end) })),
      ...points.map((coordinates) => ({ type: "Point", coordinates })),
    ];
    setFeatures(map, "measure", geometries.map((geometry) => ({ type: "Feature", properties: {}, geometry })));
    const length = points.slice(1).reduce((sum, end, i) => sum + geodesicMetres(points[i], end), 0);
    const written = (value) => decimals(value, length < LONG_M ? 1 : 0);
    output.textContent = points.length < 2
      ? t("web.measure_help")
      : t("web.measure_length", { km: written(length / 1000), miles: written(length / METRES_A_MILE) });
    if (points.length > 1) announce(output.textContent);
  }

  function add({ lng, lat }) {
    points.push([lng, lat]);
    draw();
  }

  function end() {
    points = null;
    for (const { id } of layers()) map.removeLayer(id);
    map.removeSource("measure");
    show();
    button.focus();
  }

  function show() {
    const on = points !== null;
    button.setAttribute("aria-pressed", String(on));
    output.hidden = !on;
    map.getContainer().parentElement.classList.toggle("measuring", on);
    map.doubleClickZoom[on ? "disable" : "enable"]();
  }

  button.addEventListener("click", () => {
    if (points) return end();
    points = [];
    map.addSource("measure", { type: "geojson", data: collection() });
    for (const layer of layers()) map.addLayer(layer);
    show();
    draw();
    announce(output.textContent);
    map.getCanvas().focus();
  });
  window.addEventListener("keydown", (event) => {
    if (!points) return;
    const centre = event.key === "Enter" && event.target === map.getCanvas();
    if (event.key !== "Escape" && !centre) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (centre) add(map.getCenter());
    else end();
  }, { capture: true });

  return {
    take(at) {
      if (points) add(at);
      return points !== null;
    },
  };
}
