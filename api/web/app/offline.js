/** What this device keeps so that a desk opens without a network: until the session ends, and no longer than that. */

import { ROOT } from "./data.js";

const SHELL = `petajaga-shell ${ROOT.pathname}`;
/** The name of a desk's part goes on with the end of the session, by which the service worker knows what is over. */
const DESK = `petajaga-desk ${ROOT.pathname} `;
const nameFor = ({ name, expires }) => `${DESK}${expires} ${encodeURIComponent(name)}`;

/** Whether the browser can: an address without TLS cannot. */
export const canKeep = () => "serviceWorker" in navigator && "caches" in window;

/** Whose visits wait on this device, for the page of nobody to say so; the name of the account goes to nobody else. */
const WAITING = `petajaga-waiting ${ROOT.pathname} `;

/** Note how many visits of an account wait; where the browser keeps no notes the desk alone says it. */
export function noteWaiting(account, count) {
  try {
    if (count > 0) localStorage.setItem(WAITING + account, count);
    else localStorage.removeItem(WAITING + account);
  } catch {
    // a setting of the browser
  }
}

/** How many visits wait on this device, of whatever account. */
export function countWaiting() {
  try {
    return Object.entries(localStorage).reduce((sum, [key, count]) => sum + (key.startsWith(WAITING) ? Number(count) : 0), 0);
  } catch {
    return 0; // a browser that keeps nothing
  }
}

/** What is kept already by this page, so that it is fetched once. */
const done = new Set();

/** Forget what is kept for any session but this one; for all where there is none. */
export async function forgetOtherDesks(session = null) {
  if (!("caches" in window)) return;
  const own = session?.name ? nameFor(session) : null;
  const others = (await caches.keys()).filter((name) => name.startsWith(DESK) && name !== own);
  if (others.length > 0) done.clear();
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** Keep the page, the files of the desk of `session`, and what the service answers at `paths`. */
export async function keepDesk(session, paths) {
  if (!canKeep()) return;
  await navigator.serviceWorker.register(new URL("service-worker.js", ROOT));
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const of = (folder) => loaded.filter((name) => name.startsWith(`${ROOT.href}${folder}/`) && !name.includes("/basemap/"));
  const answers = ["v1/session", ...paths].map((path) => new URL(path, ROOT).href);
  const headers = { "Petajaga-Account": encodeURIComponent(session.name) };
  await keep(SHELL, [ROOT.href, ...of("static")], {});
  await keep(nameFor(session), [...of("desk"), ...answers], headers);
}

async function keep(name, addresses, headers) {
  const fresh = [...new Set(addresses)].filter((address) => !done.has(address));
  for (const address of fresh) done.add(address);
  try {
    // What the page has just fetched and may keep itself is not asked for again.
    await (await caches.open(name)).addAll(fresh.map((address) => new Request(address, { headers, cache: "force-cache" })));
  } catch (error) {
    for (const address of fresh) done.delete(address);
    throw error;
  }
}
