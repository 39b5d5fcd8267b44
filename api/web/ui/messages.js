/** What the page says of itself: a failure in a banner, work going on in a bar. */

import { ServiceError } from "../app/data.js";
import { t } from "../i18n/i18n.js";

const $ = (id) => document.getElementById(id);

/** The key of the sentence for an error of the service. */
export function errorKey(error) {
  const kind = error instanceof ServiceError ? error.kind : "broken";
  return { offline: "errorOffline", refused: "errorRefused" }[kind] ?? "errorBroken";
}

export function showError(error) {
  const key = errorKey(error);
  $("banner-text").dataset.i18n = key;
  $("banner-text").textContent = t(key);
  $("banner").hidden = false;
}

export function hideError() {
  $("banner").hidden = true;
}

export function showBusy(busy) {
  $("progress").hidden = !busy;
  $("panel").setAttribute("aria-busy", String(busy));
}
