/** Names of countries and seas on the base map. A point is where a name stands, nothing else. */

import { t } from "../i18n/i18n.js";
import { collection } from "./geometry.js";

const COUNTRIES = [
  ["indonesia", 113.9, -0.6],
  ["malaysia", 114.6, 3.3],
  ["malaysia", 102.3, 3.9],
  ["timor_leste", 125.9, -8.85],
  ["philippines", 124.6, 7.5],
  ["brunei", 114.6, 4.55],
];

const SEAS = [
  ["java_sea", 110.6, -5.0],
  ["flores_sea", 120.6, -7.4],
  ["savu_sea", 121.7, -9.4],
  ["timor_sea", 126.3, -10.6],
  ["banda_sea", 126.8, -5.4],
  ["arafura_sea", 134.6, -9.0],
  ["celebes_sea", 121.4, 3.4],
  ["natuna_sea", 107.4, 2.4],
  ["makassar_strait", 117.9, -2.3],
  ["malacca_strait", 99.3, 4.7],
  ["indian_ocean", 104.6, -9.6],
  ["pacific_ocean", 136.4, 4.9],
];

const points = (rows, kind) => rows.map(([name, lng, lat]) => ({
  type: "Feature",
  properties: { kind, name: t(`web.geography_${name}`) },
  geometry: { type: "Point", coordinates: [lng, lat] },
}));

/** The names in the language of the page, as GeoJSON. */
export const lettering = () => collection([...points(COUNTRIES, "country"), ...points(SEAS, "sea")]);
