// The worker behind the page: it shows "a sign-in waits" when a push comes, and keeps the page for when there is no
// network, so that a code can still be shown. A push carries nothing that it would need to read.

const SHELF = "antiphon-2";
const FILES = [
  "/", "/activity.js", "/api.js", "/app.js", "/bytes.js", "/calls.js", "/clock.js", "/code_view.js", "/codes.js",
  "/device.js", "/digest.js", "/dom.js", "/english.js", "/enroll.js", "/event.js", "/faults.js", "/home.js",
  "/inbox.js", "/outcome.js", "/passkey.js", "/push.js", "/renew.js", "/request.js", "/screen.js", "/session.js",
  "/store.js", "/swedish.js", "/texts.js", "/trial.js", "/visible.js", "/ways.js", "/style.css", "/icon.svg",
  "/manifest.webmanifest",
];
// A network that does not answer within this is none.
const PATIENCE = 3_000;

const isSwedish = (navigator.languages ?? [navigator.language]).find((tag) => /^(sv|en)/.test(tag))?.startsWith("sv");
const words = isSwedish
  ? { title: "En inloggning väntar", body: "Tryck för att se den. Är det inte du, så säg det där." }
  : { title: "A sign-in waits", body: "Tap to see it. If it is not you, say so there." };

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(FILES)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
    await self.clients.claim();
  })());
});

// The network first, so that the files of one release stay together; without one, what was kept.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  // Every view is the one page; the address it was opened with says nothing to the daemon.
  const path = request.mode === "navigate" ? "/" : pathname;
  if (request.method !== "GET" || origin !== location.origin || !FILES.includes(path)) return;
  event.respondWith((async () => {
    const shelf = await caches.open(SHELF);
    try {
      const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
      if (!response.ok) throw new TypeError("not the page");
      await shelf.put(path, response.clone());
      return response;
    } catch {
      return await shelf.match(path) ?? Response.error();
    }
  })());
});

self.addEventListener("push", (event) => {
  event.waitUntil((async () => {
    for (const client of await pages()) client.postMessage("push");
    // Shown even if the page is open: browsers take the permission away from pushes that show nothing.
    await self.registration.showNotification(words.title, {
      body: words.body, lang: isSwedish ? "sv" : "en", tag: "sign-in", renotify: true,
      icon: "/icon-192.png", badge: "/badge-96.png",
    });
  })());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const [open] = await pages();
    await (open ? open.focus() : self.clients.openWindow("/"));
  })());
});

function pages() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}
