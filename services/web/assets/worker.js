// Keeps the page of a ticket and what it loads, so that it opens without a network. The network is asked first: what is
// kept is shown only when it does not answer, and the page then says from when it is.
const CACHE = 'ticket-1';
const PATIENCE_MS = 4000;
const KEPT_MS = 36 * 3600 * 1000;
const ASSET = /^\/assets\//;
const PAGE = /^\/t\/[\w-]{22,64}$/;

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(tidy().then(() => self.clients.claim())));

// A number is good for a day; what is left of older ones goes.
async function tidy() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    if (ASSET.test(new URL(request.url).pathname)) continue;
    const date = Date.parse((await cache.match(request)).headers.get('date'));
    if (!(Date.now() - date < KEPT_MS)) await cache.delete(request);
  }
}

async function answer(request, path) {
  const cache = await caches.open(CACHE);
  const asked = fetch(request).then(async (fresh) => {
    if (fresh.ok) await cache.put(path, fresh.clone());
    // Whoever may not see it any more has nothing to keep either.
    else if (fresh.status === 404) await cache.delete(path);
    return fresh;
  });
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); });
  const first = await Promise.race([asked.catch(() => null), late]);
  if (first && first.status < 500) return first;
  return (await cache.match(path)) ?? (await cache.match(path, { ignoreSearch: true })) ?? first ?? asked;
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  const page = event.request.mode === 'navigate' && PAGE.test(url.pathname);
  if (page) event.waitUntil(tidy());
  if (page || ASSET.test(url.pathname)) event.respondWith(answer(event.request, url.pathname + url.search));
});
