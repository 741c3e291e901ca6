// The worker behind the page: it shows "a sign-in waits" when a push comes, and keeps the page for when there is no
// network, so that a code can still be shown. A push carries nothing that it would need to read.

const SHELF = "antiphon-5";
const FILES = ["/", "/icon.svg", "/manifest.webmanifest"];
// A network that does not answer within this is none,
const PATIENCE = 700;
// and is not waited for again so soon.
const REST = 10_000;

const isSwedish = (navigator.languages ?? [navigator.language]).find((tag) => /^(sv|en)/.test(tag))?.startsWith("sv");
const words = isSwedish
  ? {
    waits: ["En inloggning väntar", "Tryck för att svara, också om det inte är du."],
    trial: ["Nu provar vi", "Tryck för att svara på provet."],
    gone: "Inloggningen väntar inte längre",
    whence: (time, from) => (from ? `Klockan ${time} från ${from}.` : `Klockan ${time} vid datorn.`),
    tap: "Tryck om det inte var du.",
  }
  : {
    waits: ["A sign-in is waiting", "Tap to answer, also if it’s not you."],
    trial: ["Now let’s test it", "Tap to answer the test."],
    gone: "The sign-in is gone",
    whence: (time, from) => (from ? `At ${time} from ${from}.` : `At ${time}, at the computer.`),
    tap: "Tap if it was not you.",
  };
const clock = new Intl.DateTimeFormat(isSwedish ? "sv" : "en", { hour: "2-digit", minute: "2-digit" });
// As long as anything is shown of what another computer has said of itself.
const LONGEST = 64;

// What the notification says, and whether it disturbs. Pushes are encrypted, and only the daemon can make one.
function told(text) {
  if (text === "a trial waits") return { say: words.trial, isNew: true };
  let gone;
  try {
    ({ gone } = JSON.parse(text));
  } catch {
    // Then a sign-in waits.
  }
  if (!Number.isSafeInteger(gone?.at)) return { say: words.waits, isNew: true };
  const from = String(gone.from ?? "").slice(0, LONGEST);
  return { say: [words.gone, `${words.whence(clock.format(gone.at * 1000), from)} ${words.tap}`], isNew: false };
}

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

// The network first, so that the files of one release stay together; without one, what was kept. Only the first file
// waits for a network that swallows everything.
let deafUntil = 0;
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  // It is not kept: who reads it has a network.
  if (pathname === "/guide") return;
  // Every view is the one page; the address it was opened with says nothing to the daemon.
  const path = request.mode === "navigate" ? "/" : pathname;
  if (request.method !== "GET" || origin !== location.origin || !FILES.includes(path)) return;
  const fresh = renewed(path);
  // What comes too late for this time is kept for the next one.
  event.waitUntil(fresh.catch(() => {}));
  event.respondWith(first(path, fresh));
});

async function renewed(path) {
  const response = await fetch(path);
  if (!response.ok) throw new TypeError("not the page");
  const shelf = await caches.open(SHELF);
  await shelf.put(path, response.clone());
  return response;
}

async function first(path, fresh) {
  const kept = await caches.match(path, { cacheName: SHELF });
  if (!kept) return fresh.catch(() => Response.error());
  const late = new Promise((resolve) => { setTimeout(resolve, Date.now() < deafUntil ? 0 : PATIENCE); });
  const answer = await Promise.race([fresh.catch(() => kept), late]);
  if (!answer) deafUntil = Date.now() + REST;
  return answer ?? kept;
}

// One after the other: what has gone must not be passed by what waited before it.
let shown = Promise.resolve();
self.addEventListener("push", (event) => {
  const text = event.data?.text();
  shown = shown.catch(() => {}).then(() => show(text));
  event.waitUntil(shown);
});

async function show(text) {
  for (const client of await pages()) client.postMessage("push");
  // Shown even if the page is open: browsers take the permission away from pushes that show nothing. What has gone takes
  // the place of what waited, without a sound.
  const { say: [title, body], isNew } = told(text);
  await self.registration.showNotification(title, {
    body, lang: isSwedish ? "sv" : "en", tag: "sign-in", renotify: isNew, silent: !isNew,
    icon: "/icon-192.png", badge: "/badge-96.png",
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const [open] = await pages();
    if (!open) return self.clients.openWindow("/");
    open.postMessage("look");
    await open.focus();
  })());
});

function pages() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}
