/* The map of an offline pack, and the lists and the search that point to places on it. */
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const map = L.map("map", { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, maxZoom: 14, fadeAnimation: false });
L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
const box = L.latLngBounds(data.window);
map.fitBounds(data.bounds, { padding: [24, 24] });
map.setMaxBounds(box);
map.setMinZoom(Math.min(map.getBoundsZoom(box, true), map.getZoom()));

L.geoJSON(data.land, { style: data.landStyle, interactive: false }).addTo(map);
/** White stripes, as the canvas fills with them. */
const stripes = (() => {
  const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const pen = tile.getContext("2d");
  Object.assign(pen, { strokeStyle: "#fff", lineWidth: 1.5, globalAlpha: 0.8 });
  pen.stroke(new Path2D("M-2 2 2 -2M0 8 8 0M6 10 10 6"));
  return pen.createPattern(tile, "repeat");
})();
const popup = { autoPanPadding: [12, 12], minWidth: 150 };
for (const area of data.areas) {
  L.geoJSON(area.shape, { style: area.style, interactive: !area.own })
    .bindPopup(() => card(area.title, area.lines), popup).addTo(map);
  if (area.unsure) L.geoJSON(area.shape, { style: { stroke: false, fillColor: stripes, fillOpacity: 1 }, interactive: false }).addTo(map);
}
for (const road of data.roads) L.geoJSON(road.shape, { style: road.style, interactive: false }).addTo(map);
for (const line of data.lines) L.geoJSON(line.shape, { style: line.style, interactive: false }).addTo(map);
// The map ends where its data do: what lies beyond is paper, no sea.
const beyond = [[-90, -360], [-90, 360], [90, 360], [90, -360]];
const corners = [box.getSouthWest(), box.getSouthEast(), box.getNorthEast(), box.getNorthWest()];
L.polygon([beyond, corners], { fillColor: "#ffffff", fillOpacity: 1, color: "#8a979c", weight: 1, interactive: false }).addTo(map);
const names = data.names.map((label) =>
  L.tooltip({ permanent: true, direction: "center", className: label.own ? "name own" : "name", interactive: false })
    .setLatLng(label.at).setContent(document.createTextNode(label.text)).addTo(map));

/** Hide names that would lie over one before them. */
function declutter() {
  const taken = [];
  for (const element of names.map((name) => name.getElement())) {
    const at = element.getBoundingClientRect();
    const free = taken.every((o) => at.right < o.left || at.left > o.right || at.bottom < o.top || at.top > o.bottom);
    element.style.visibility = free ? "visible" : "hidden";
    if (free) taken.push(at);
  }
}
map.on("zoomend", declutter);
declutter();

/** Text in every language, one of them shown by the page's style. */
function words(parent, text) {
  for (const [n, part] of (Array.isArray(text) ? text : [text]).entries()) {
    const span = document.createElement("span");
    if (Array.isArray(text)) Object.assign(span, { className: "t", lang: data.languages[n] });
    span.textContent = part;
    parent.append(span);
  }
  return parent;
}

function card(title, lines) {
  const box = document.createElement("div");
  words(box.appendChild(document.createElement("h2")), title);
  for (const line of lines) words(box.appendChild(document.createElement("p")), line);
  return box;
}

/** Popups fit into the map, whatever the screen. */
function sized() {
  const size = map.getSize();
  return { ...popup, maxWidth: Math.min(300, size.x - 60), maxHeight: Math.max(90, size.y - 110) };
}

const places = data.points.map((point) => {
  const at = L.latLng(point.at);
  const sign = data.signs[point.sign];
  const marker = sign
    ? L.marker(at, { icon: L.divIcon({ className: "", html: sign, iconSize: [data.signSize, data.signSize] }), title: point.title, riseOnHover: true })
    : L.circleMarker(at, data.dot);
  return marker.bindPopup(() => card(point.title, point.lines), sized()).addTo(map);
});

function show(index) {
  const at = data.points[index].at;
  map.setView(at, Math.max(map.getZoom(), data.closeZoom), { animate: false });
  places[index].openPopup();
  if (matchMedia("(max-width: 760px)").matches) document.getElementById("stage").scrollIntoView();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-at]");
  if (button) show(Number(button.dataset.at));
});

// A number that was checked too long ago is shown no more, also where the pack was made long before.
const months = (date) => 12 * Number(date.slice(0, 4)) + Number(date.slice(5, 7));
const today = [data.made, new Date().toISOString()].reduce((one, other) => (one > other ? one : other));
for (const item of document.querySelectorAll("[data-checked]")) {
  if (months(today) - months(item.dataset.checked) > data.monthsShown) {
    const [said, later] = item.querySelectorAll("small");
    item.querySelector("a").remove();
    said.remove();
    later.hidden = false;
  }
}

const folded = (text) => text.normalize("NFD").replace(/[\u0300-\u036f'’]/g, "").toLowerCase();
const keys = data.points.map((point) => folded([point.title, ...point.lines].flat().join(" ")));
const query = document.getElementById("query");
const hits = document.getElementById("hits");
query.addEventListener("input", () => {
  const wanted = folded(query.value).split(/\s+/).filter(Boolean);
  const rows = wanted.length ? keys.flatMap((key, index) => (wanted.every((word) => key.includes(word)) ? [index] : [])) : [];
  document.getElementById("none").hidden = !wanted.length || rows.length > 0;
  hits.replaceChildren(...rows.slice(0, 12).map((index) => {
    const item = document.createElement("li");
    const button = words(item.appendChild(document.createElement("button")), data.points[index].title);
    Object.assign(button, { type: "button" }).dataset.at = index;
    words(item.appendChild(document.createElement("small")), data.points[index].lines[0] ?? "");
    return item;
  }));
});
addEventListener("resize", () => map.invalidateSize());
performance.mark("ready");
document.documentElement.dataset.ready = "yes";
