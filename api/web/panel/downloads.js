/** Every layer the tier has as a file, and the addresses under which QGIS and other programs read them. */

import { ROOT, fetchJson } from "../app/data.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { el, hint } from "../ui/dom.js";
import { choiceField, copied } from "../ui/forms.js";
import { errorText } from "../ui/messages.js";

/** Formats of `v1/exports`; the words are names of programs and formats, the same in every language. */
const FORMATS = {
  gpkg: "GeoPackage (QGIS, ArcGIS)", xlsx: "Excel (XLSX)", csv: "CSV", "csv-excel-id": "CSV (Excel Indonesia)",
  geojson: "GeoJSON", fgb: "FlatGeobuf", parquet: "GeoParquet",
};
const TILES = "ogc/tiles/WebMercatorQuad/{z}/{y}/{x}";
const address = (path) => decodeURI(new URL(path, ROOT).href);

/** A fold that asks which layers there are when it is first opened; `old`, if it is of this account and language, stays. */
export function downloads(account, old) {
  const shown = `${currentLanguage()}:${account ?? ""}`;
  if (old?.dataset.shown === shown) return old;
  const body = el("div");
  return el("details", { class: "more-options", id: "downloads", "data-shown": shown, ontoggle: ({ target }) => {
    if (target.open && !body.hasChildNodes()) fill(body, account !== null);
  } }, el("summary", {}, t("web.downloads")), body);
}

async function fill(body, signedIn) {
  body.replaceChildren(hint(t("web.loading")));
  try {
    const [{ collections }, { layers }] = await Promise.all([fetchJson(`ogc/collections?lang=${currentLanguage()}`), fetchJson("v1/releases/current")]);
    const titled = collections.map(({ id, title }) => [id, layers[id]?.rows === 0 ? t("web.download_empty", { title }) : title]);
    body.replaceChildren(...parts(titled, signedIn));
  } catch (error) {
    body.replaceChildren(el("p", { class: "error", role: "alert" }, errorText(error)));
  }
}

function parts(collections, signedIn) {
  const chosen = { layer: collections[0][0], format: "gpkg" };
  const style = copied("address-style", t("web.address_style"), "");
  const link = el("a", { class: "button", download: "" }, t("web.download"));
  const columns = el("a", { rel: "noopener", target: "_blank" }, t("web.download_columns"));
  const show = () => {
    columns.href = address(`ogc/collections/${chosen.layer}/queryables?f=html&lang=${currentLanguage()}`);
    link.href = address(`v1/exports/${chosen.layer}?format=${chosen.format}&lang=${currentLanguage()}`);
    style.querySelector("input").value = address(`ogc/styles/${chosen.layer}`);
  };
  show();
  return [
    choiceField(chosen, "layer", { id: "download-layer", label: t("web.download_layer"), options: collections, onChange: show }),
    choiceField(chosen, "format", { id: "download-format", label: t("web.download_format"), options: Object.entries(FORMATS), onChange: show }),
    el("div", { class: "row" }, link, columns),
    hint(t(signedIn ? "web.downloads_marked" : "web.downloads_public")),
    el("h3", {}, t("web.addresses")),
    el("ol", { class: "steps-to" }, ["copy", "menu", "new", signedIn ? "key" : "open", "layer"].map((step) => el("li", {}, t(`web.qgis_${step}`)))),
    copied("address-features", t("web.address_features"), address("ogc")),
    hint(t("web.addresses_help")),
    copied("address-tiles", t("web.address_tiles"), address(TILES)),
    style,
  ];
}
