/** Opens the page without a network, from what app/offline.js has kept; it keeps nothing itself. */

const ROOT = new URL(self.registration.scope);
const SHELL = `petajaga-shell ${ROOT.pathname}`;
const DESK = `petajaga-desk ${ROOT.pathname} `;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(ROOT.href)) event.respondWith(answer(event.request));
});

async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await keptFor(request);
    if (kept) return kept;
    throw error;
  }
}

/** What is kept for a request; what was kept for a session that is over is forgotten. */
async function keptFor(request) {
  const url = new URL(request.url);
  const address = request.mode === "navigate" && url.pathname === ROOT.pathname ? ROOT.href : url.href;
  for (const name of await caches.keys()) {
    if (name !== SHELL && !name.startsWith(DESK)) continue;
    const [end] = name.slice(DESK.length).split(" ");
    if (name !== SHELL && !(Date.parse(end) > Date.now())) await caches.delete(name);
    else {
      const found = await (await caches.open(name)).match(address, { ignoreVary: true });
      if (found) return found;
    }
  }
  return null;
}
