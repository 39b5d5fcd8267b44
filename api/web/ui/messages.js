/** The state of the page: a failure in a banner, work in progress in a bar. */

import { ServiceError } from "../app/data.js";
import { capital, has, t } from "../i18n/i18n.js";

const $ = (id) => document.getElementById(id);

/** The key of the sentence for an error of the service. */
function errorKey(error) {
  const kind = error instanceof ServiceError ? error.kind : "broken";
  return { offline: "web.error_offline", refused: "web.error_refused" }[kind] ?? "web.error_broken";
}

/** The text of a failure: the service's `detail` (already in the reader's language), else the page's own sentence. */
export const errorText = (error) => capital(error.detail || t(errorKey(error)));

export function showError(error) {
  const key = errorKey(error);
  $("banner-text").dataset.i18n = key;
  // Where even the texts are missing, the Indonesian sentence of index.html stays.
  if (has(key)) $("banner-text").textContent = t(key);
  $("banner").hidden = false;
}

export function hideError() {
  $("banner").hidden = true;
}

export function showBusy(busy) {
  $("progress").hidden = !busy;
  $("panel").setAttribute("aria-busy", String(busy));
}
