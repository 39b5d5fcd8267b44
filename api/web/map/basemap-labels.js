/** Lettering of the base map: countries and seas. The points say where a word stands, nothing else. */

const COUNTRIES = [
  ["Indonesia", "Indonesia", 113.9, -0.6],
  ["Malaysia", "Malaysia", 114.6, 3.3],
  ["Malaysia", "Malaysia", 102.3, 3.9],
  ["Timor-Leste", "Timor-Leste", 125.9, -8.85],
  ["Filipina", "Philippines", 124.6, 7.5],
  ["Brunei", "Brunei", 114.6, 4.55],
];

const SEAS = [
  ["Laut Jawa", "Java Sea", 110.6, -5.0],
  ["Laut Flores", "Flores Sea", 120.6, -7.4],
  ["Laut Sawu", "Savu Sea", 121.7, -9.4],
  ["Laut Timor", "Timor Sea", 126.3, -10.6],
  ["Laut Banda", "Banda Sea", 126.8, -5.4],
  ["Laut Arafura", "Arafura Sea", 134.6, -9.0],
  ["Laut Sulawesi", "Celebes Sea", 121.4, 3.4],
  ["Laut Natuna", "Natuna Sea", 107.4, 2.4],
  ["Selat Makassar", "Makassar Strait", 117.9, -2.3],
  ["Selat Malaka", "Strait of Malacca", 99.3, 4.7],
  ["Samudra Hindia", "Indian Ocean", 104.6, -9.6],
  ["Samudra Pasifik", "Pacific Ocean", 136.4, 4.9],
];

function points(rows, kind) {
  return rows.map(([id, en, lng, lat]) => ({
    type: "Feature",
    properties: { kind, id, en },
    geometry: { type: "Point", coordinates: [lng, lat] },
  }));
}

export const LETTERING = {
  type: "FeatureCollection",
  features: [...points(COUNTRIES, "country"), ...points(SEAS, "sea")],
};
