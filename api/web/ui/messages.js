/** The state of the page: a failure in a banner, work in progress in a bar. */

import { ServiceError } from "../app/data.js";
import { has, t } from "../i18n/i18n.js";

const $ = (id) => document.getElementById(id);

/** The key of the sentence for an error of the service. */
export function errorKey(error) {
  const kind = error instanceof ServiceError ? error.kind : "broken";
  return { offline: "web.error_offline", refused: "web.error_refused" }[kind] ?? "web.error_broken";
}

/** What the service says of a failure, in the reader's language; the page's own sentence where it said nothing. */
export function errorText(error) {
  const refused = error.kind === undefined || error.kind === "refused" || error.status === 503;
  return (refused && error.detail) || t(errorKey(error));
}

export function showError(error) {
  const key = errorKey(error);
  $("banner-text").dataset.i18n = key;
  // Where not even the texts arrived, the page's own sentence stands.
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
