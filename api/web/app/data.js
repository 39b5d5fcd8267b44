/** HTTP client of the service: one origin, problem documents (RFC 9457), paging by `next` links (OGC API). */

/** The service's root, whatever path it is mounted under: this file is `<root>/static/app/data.js`. */
export const ROOT = new URL("../..", import.meta.url);
/** Whose rows the page shows (empty: the public's), once it knows: a request for another's is refused. */
let account = null;
/** Counts what the service said of the session: what was asked before says nothing of it. */
let sessions = 0;
/** Of which release the page's rows are, once it knows. */
let held = null;
const SESSION = "v1/session";
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

/** From now on requests are of the account `name`, or of nobody. */
export function actFor(name) {
  account = name ?? "";
}

/** From now on requests are of whoever is signed in, as the answers say. */
export function actForAnyone() {
  account = null;
}

/** From now on an answer of another release than `id` is told by the event `new-release`. */
export function holdRelease(id) {
  held = id;
}

/** Whose rows a request asks for. */
const accountHeader = () => (account === null ? {} : { "Petajaga-Account": encodeURIComponent(account) });

/** Fetch JSON under the root; a `body` that is a form is sent as one. Throws ServiceError; an abort by `signal` passes through as AbortError. */
export async function fetchJson(path, { method = "GET", body, signal, timeoutMs = TIMEOUT_MS } = {}) {
  const isForm = body instanceof FormData;
  const session = sessions;
  const stop = new AbortController();
  // Made before the try: what is wrong with a request is a fault of the page, not of the network.
  const request = new Request(sameOrigin(path), {
    method,
    credentials: "same-origin",
    // Revalidate each time (cheap with an ETag), so that a new release or a sign-in shows at once.
    cache: "no-cache",
    headers: {
      Accept: "application/geo+json, application/json",
      "Accept-Language": document.documentElement.lang,
      ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
      ...(path === SESSION ? {} : accountHeader()),
    },
    body: body === undefined || isForm ? body : JSON.stringify(body),
    signal: stop.signal,
  });
  // One controller for both reasons: AbortSignal.any and AbortSignal.timeout are missing in browsers still in use.
  const abort = () => stop.abort();
  const timer = setTimeout(abort, timeoutMs);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  let response, answer;
  try {
    response = await fetch(request);
    answer = response.status === 204 ? null : await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    lost(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
  const served = response.headers.get("Petajaga-Release");
  if (held && served && served !== held) window.dispatchEvent(new Event("new-release"));
  if (answer?.code === "session.ended" && session === sessions) window.dispatchEvent(new Event("session-ended"));
  if (!response.ok) {
    throw new ServiceError(response.status >= 500 ? "broken" : "refused", response.status, answer ?? {});
  }
  if (path === SESSION) sessions += 1;
  return answer;
}

/** The base map of the release, as GeoJSON. */
export async function fetchBasemap() {
  const response = await fetch(new URL("static/basemap.geojson", ROOT), { credentials: "same-origin" }).catch(lost);
  if (!response.ok) throw new ServiceError("broken", response.status);
  return response.json().catch(lost);
}

/** An answer that is no JSON is the service's fault; all else is the connection's, or it took too long. */
function lost(cause) {
  throw new ServiceError(cause instanceof SyntaxError ? "broken" : "offline", 0, { cause });
}

/** Behind a proxy that does not say so, a link may name another host or lack the prefix: only its path is followed, under our root. */
function sameOrigin(href) {
  const { pathname, search } = new URL(href, ROOT);
  const url = new URL(ROOT);
  url.pathname = pathname.startsWith(ROOT.pathname) ? pathname : ROOT.pathname + pathname.slice(1);
  url.search = search;
  return url;
}

/** Ids of the collections this session may see. */
export async function listCollections(options) {
  const answer = await fetchJson("ogc/collections?f=json", options);
  return (answer.collections ?? []).map((collection) => collection.id);
}

/** Where a collection begins; `query` narrows it. */
export const collectionPath = (id, query = "") =>
  `ogc/collections/${encodeURIComponent(id)}/items?f=json&limit=${PAGE}${query && `&${query}`}`;

/** All features of a collection, page by page. */
export async function loadCollection(id, { signal, query } = {}) {
  const features = [];
  let href = collectionPath(id, query);
  for (let page = 0; href && page < MOST_PAGES; page += 1) {
    const answer = await fetchJson(href, { signal });
    for (const feature of answer.features ?? []) features.push(feature);
    href = (answer.links ?? []).find((link) => link.rel === "next")?.href;
  }
  return features;
}

const DATA_TILES = `${ROOT.href}ogc/`;

/** Address of a collection's vector tiles, with variables. */
export const tilesOf = (id) => `${DATA_TILES}collections/${id}/tiles/WebMercatorQuad/{z}/{y}/{x}`;

/** How the library of the map asks for what is at `url`: tiles of data as any other rows of the account. */
export const tileRequest = (url) => ({
  url, ...(url.startsWith(DATA_TILES) ? { credentials: "same-origin", cache: "no-cache", headers: accountHeader() } : {}),
});
