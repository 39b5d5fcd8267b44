/** HTTP client of the service: one origin, problem documents (RFC 9457), paging by `next` links (OGC API). */

/** The service's root, whatever path it is mounted under: this file is `<root>/static/app/data.js`. */
export const ROOT = new URL("../..", import.meta.url);
const TIMEOUT_MS = 30_000;
const PAGE = 1000;
const MOST_PAGES = 200;

/** A failed request: `kind` is `offline`, `refused` (4xx) or `broken` (5xx, invalid JSON); `code` and `params` name the problem, `errors` are by field. */
export class ServiceError extends Error {
  constructor(kind, status, { detail = "", code = null, params = {}, errors = [], cause } = {}) {
    super(detail || `${kind} ${status}`, { cause });
    this.kind = kind;
    this.status = status;
    this.detail = detail;
    this.code = code;
    this.params = params;
    this.errors = errors;
  }
}

/** Fetch JSON under the root; a `body` that is a form is sent as one. Throws ServiceError; an abort by `signal` passes through as AbortError. */
export async function fetchJson(path, { method = "GET", body, signal, timeoutMs = TIMEOUT_MS } = {}) {
  const url = sameOrigin(path);
  const timeout = AbortSignal.timeout(timeoutMs);
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch(url, {
      method,
      credentials: "same-origin",
      // Revalidate each time (cheap with an ETag), so that a new release or a sign-in shows at once.
      cache: "no-cache",
      headers: {
        Accept: "application/geo+json, application/json",
        "Accept-Language": document.documentElement.lang,
        ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined || isForm ? body : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError("offline", 0, { cause: error });
  }
  if (response.status === 204) return null;
  let answer;
  try {
    answer = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError("broken", response.status);
  }
  if (!response.ok) {
    throw new ServiceError(response.status >= 500 ? "broken" : "refused", response.status, answer ?? {});
  }
  return answer;
}

/** The base map of the release, as GeoJSON. */
export async function fetchBasemap() {
  const response = await fetch(new URL("static/basemap.geojson", ROOT), { credentials: "same-origin" }).catch((cause) => {
    throw new ServiceError("offline", 0, { cause });
  });
  if (!response.ok) throw new ServiceError("broken", response.status);
  return response.json();
}

/** Behind a proxy a link may name another host; only its path is followed, on our own origin. */
function sameOrigin(href) {
  const url = new URL(href, ROOT);
  return new URL(url.pathname + url.search, ROOT.origin);
}

/** Ids of the collections this session may see. */
export async function listCollections(options) {
  const answer = await fetchJson("ogc/collections?f=json", options);
  return (answer.collections ?? []).map((collection) => collection.id);
}

/** All features of a collection, page by page. */
export async function loadCollection(id, { signal } = {}) {
  const features = [];
  let href = `ogc/collections/${encodeURIComponent(id)}/items?f=json&limit=${PAGE}`;
  for (let page = 0; href && page < MOST_PAGES; page += 1) {
    const answer = await fetchJson(href, { signal });
    for (const feature of answer.features ?? []) features.push(feature);
    href = (answer.links ?? []).find((link) => link.rel === "next")?.href;
  }
  return features;
}
