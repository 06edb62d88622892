// Keeps the phone pages and what they are made of for the time without signal, and sends what waits when the phone wakes it.
// Never kept: anything under /api/, and any page that shows a case, a person or a household.
import { flush } from "{{ sender }}";

const VERSION = "{{ version }}";
const ASSETS = `yj-assets-${VERSION}`;
const PAGES = `yj-pages-${VERSION}`;
const BORDERS = "yj-borders";
const IS_HASHED = {{ is_hashed|yesno:"true,false" }};
const SHELL = {{ shell|safe }};
const FIELD = {{ field|safe }};
const WAITING = {{ waiting|safe }};
const FIELD_PAGES = {{ pages|safe }};
const FIELD_HOME = "{{ home }}";
const CARRIED = "{{ carried }}";
const LISTS = {{ lists|safe }}; // walks, inspections and forms from above, and one page each below them: what to look at or to ask, nobody's names
const PATIENCE = 4000; // milliseconds: a line this slow is treated as none, when we have the page
const HOURS = 3 * 3600 * 1000;
const PUBLIC_PAGES = /^\/(d\/[^/]+|t\/[^/]+|t\/[^/]+\/(report|waiting))\/$/;
const HASHED = /\.[0-9a-f]{12}\.[a-z]+$/;

const isListed = (path) => LISTS.some((list) => path.startsWith(list) && /^([0-9a-f-]{36}\/)?$/.test(path.slice(list.length)));
const isKept = (path) => FIELD_PAGES.includes(path) || isListed(path) || PUBLIC_PAGES.test(path);
const keyOf = (address) => {
  const plate = address.searchParams.get("plate");
  return address.pathname + (plate ? `?plate=${encodeURIComponent(plate)}` : "");
};
const isGood = (answer) => answer.ok && !answer.redirected && answer.type === "basic";

async function keepPage(address) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  if (isGood(answer)) await (await caches.open(PAGES)).put(address, answer);
}

async function keepAssets(addresses) {
  const cache = await caches.open(ASSETS);
  for (const address of addresses) {
    if (!(await cache.match(address))) await cache.add(address).catch(() => {}); // one that is missing must not cost the others
  }
}

async function forgetField() {
  const cache = await caches.open(PAGES);
  for (const { url } of await cache.keys()) if (new URL(url).pathname.startsWith("/field/")) await cache.delete(url);
}

// Pages that an earlier version kept are fetched anew: they name the assets of their own version.
async function renewPages() {
  for (const name of await caches.keys()) {
    if (!name.startsWith("yj-pages-") || name === PAGES) continue;
    const old = await caches.open(name);
    const viewer = await old.match("/field/viewer"); // whose they are, or the next page would throw them away and fetch them again
    if (viewer) await (await caches.open(PAGES)).put("/field/viewer", viewer);
    for (const { url } of await old.keys()) {
      const { pathname, search } = new URL(url);
      if (isKept(pathname)) await keepPage(pathname + search).catch(() => {});
    }
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepAssets(SHELL).then(renewPages).then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith("yj-") && ![ASSETS, PAGES, BORDERS].includes(name)) await caches.delete(name);
  }
  await self.clients.claim();
})()));

async function fromCacheFirst(request) {
  const known = await caches.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (isGood(answer)) {
    const copy = answer.clone();
    caches.open(ASSETS).then((cache) => cache.put(request, copy));
  }
  return answer;
}

async function fromNetworkFirst(request, name, key) {
  try {
    const answer = await fetch(request);
    if (isGood(answer)) {
      const copy = answer.clone();
      caches.open(name).then((cache) => cache.put(key, copy));
    }
    return answer;
  } catch (error) {
    const known = await caches.match(key);
    if (known) return known;
    throw error;
  }
}

// A page: from the line while it answers, else as it was kept, else the page that says so.
async function page(request, address) {
  const key = isKept(address.pathname) ? keyOf(address) : "";
  const known = key ? await caches.match(key) : null;
  const isPlate = address.pathname.startsWith("/d/");
  const isBase = /^\/field\/(base|visits|forms)\//.test(address.pathname);
  const other = isPlate || isBase ? CARRIED : FIELD_HOME; // a plate or a household: what the worker took along
  const instead = known || (isPlate || address.pathname.startsWith("/field/") ? await caches.match(other) : null);
  const asked = fetch(request).then((answer) => {
    if (key && isGood(answer)) {
      const copy = answer.clone(); // now: later its body is read already
      caches.open(PAGES).then((cache) => cache.put(key, copy));
    }
    return answer;
  });
  if (!instead) return asked;
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, instead.clone()); });
  return Promise.race([asked.catch(() => instead.clone()), late]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin || address.pathname.startsWith("/api/")) return;
  if (address.pathname.startsWith("/static/")) {
    event.respondWith(IS_HASHED && HASHED.test(address.pathname) ? fromCacheFirst(request) : fromNetworkFirst(request, ASSETS, request.url));
  } else if (address.pathname.startsWith("/areas/")) {
    event.respondWith(fromNetworkFirst(request, BORDERS, request.url));
  } else if (request.mode === "navigate" && /^\/(field|t|d)\//.test(address.pathname)) {
    event.respondWith(page(request, address));
  }
});

async function keepFor({ assets, page: shown, viewer }) {
  await keepAssets(assets.filter((address) => !IS_HASHED || HASHED.test(new URL(address).pathname)));
  const address = new URL(shown);
  const cache = await caches.open(PAGES);
  const door = address.pathname.match(/^\/t\/[^/]+\//); // who may have to report here may have to look what waits
  if (door) await keepAssets(WAITING);
  for (const path of [isKept(address.pathname) ? keyOf(address) : "", door ? `${door[0]}waiting/` : ""]) {
    if (path && !(await cache.match(path))) await keepPage(path);
  }
  if (!viewer) return;
  const kept = await cache.match("/field/viewer");
  if (!kept || (await kept.text()) !== viewer) {
    await forgetField(); // another account: its pages are not for this one
    await cache.put("/field/viewer", new Response(viewer));
  }
  await keepAssets(FIELD);
  for (const path of FIELD_PAGES) if (!(await cache.match(path))) await keepPage(path);
  for (const list of LISTS) await keepList(cache, list).catch(() => {}); // one that fails must not cost the other
}

// Today's walks, what is to be inspected and the forms that ask something, so that one never opened can be done without signal; asked for again after some hours.
async function keepList(cache, list) {
  const known = await cache.match(list);
  if (known && Math.abs(Date.now() - Date.parse(known.headers.get("Date"))) < HOURS) return;
  await keepPage(list);
  const today = await cache.match(list);
  if (!today) return; // who has none
  const paths = new Set([...(await today.text()).matchAll(/href="([^"?#]+)"/g)].map(([, path]) => path));
  for (const path of paths) if (path !== list && path.startsWith(list) && isListed(path)) await keepPage(path);
}

self.addEventListener("message", (event) => {
  if (event.data.type === "keep") event.waitUntil(keepFor(event.data).catch(() => {}));
  if (event.data.type === "forget") event.waitUntil(forgetField());
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "yj-outbox") return;
  event.waitUntil(flush({ force: true }).then((outcome) => {
    if (outcome && outcome.left) throw new Error("some are left"); // the phone asks again later
  }));
});
