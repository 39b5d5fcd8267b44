/** The state of the page: a failure in a banner, work in progress in a bar. */

import { ServiceError } from "../app/data.js";
import { capital, has, t } from "../i18n/i18n.js";
import { byId, el, hint } from "./dom.js";

/** The key of the sentence for an error of the service. */
function errorKey(error) {
  if (!(error instanceof ServiceError)) return "web.error_page";
  return { offline: "web.error_offline", refused: "web.error_refused" }[error.kind] ?? "web.error_broken";
}

/** The text of a failure: the service's `detail` (already in the reader's language), else the page's own sentence. */
export const errorText = (error) => capital(error.detail || t(errorKey(error)));

export function showError(error) {
  const key = errorKey(error);
  const ofPage = key === "web.error_page";
  if (ofPage) console.error(error);
  else byId("banner-text").dataset.i18n = key;
  byId("banner-text").hidden = ofPage;
  byId("banner-page").hidden = !ofPage;
  // Where even the texts are missing, the Indonesian sentences of index.html stay.
  if (has(key) && !ofPage) byId("banner-text").textContent = t(key);
  offer("retry");
  if (key === "web.error_offline") window.addEventListener("online", retryShown, { once: true });
}

/** The network is back: what failed without it is asked for again, unless the reader did. */
const retryShown = () => byId("banner").hidden || byId("banner-retry").click();

/** The rows of the page are of a release before the one that is served: the reader says when to load it. */
export function showNewRelease() {
  byId("banner-page").hidden = true;
  Object.assign(byId("banner-text"), { hidden: false, textContent: t("web.new_release") }).dataset.i18n = "web.new_release";
  offer("reload");
}

/** Show the banner with one of its buttons. */
function offer(which) {
  for (const button of ["retry", "reload"]) byId(`banner-${button}`).hidden = button !== which;
  byId("banner").hidden = false;
}

export function hideError() {
  byId("banner").hidden = true;
}

export function showBusy(busy) {
  byId("progress").hidden = !busy;
  byId("panel").setAttribute("aria-busy", String(busy));
}

/** Whether a list has something to show; if not, `pane` says why (after a failure the banner does). */
export function listable(pane, { features, loading, failed }, empty) {
  if (!failed && !loading && features.length > 0) return true;
  pane.replaceChildren(...(failed ? [] : [hint(t(loading ? "web.loading" : empty))]));
  return false;
}

/** What to bear in mind when reading a result. */
export const caveatBox = (texts) => el("div", { class: "caveat" },
  el("h3", {}, t("web.caveat_title")), el("ul", {}, texts.map((text) => el("li", {}, text))));

export const releaseLine = (id) => el("p", { class: "release" }, `${t("web.release")} `, el("code", {}, id ?? t("web.unknown")));
