// Being called when the page is closed: Web Push (RFC 8030), by permission of the person.

import * as api from "./api.js";
import { fromBase64url } from "./bytes.js";

const TAG = "sign-in";
const PATIENCE = 15_000;

// The one script address that this page may load as a worker; all others are refused, by the browser where it can.
const WORKER = "/sw.js";
const policy = globalThis.trustedTypes?.createPolicy("antiphon", {
  createScriptURL(address) {
    if (address !== WORKER) throw new TypeError("no such worker");
    return address;
  },
});

export const isPossible = () =>
  "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
export const permission = () => (isPossible() ? Notification.permission : "denied");

// The worker shows the notifications, and keeps the page for when there is no network.
export async function start(onPush) {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => ["push", "look"].includes(data) && onPush());
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER);
  } catch {
    // Private windows have none. The page works without.
  }
}

// The worker, when it is ready; none where the browser did not take it.
async function worker() {
  return await navigator.serviceWorker.getRegistration() && navigator.serviceWorker.ready;
}

const subscription = async () => (await worker())?.pushManager.getSubscription();

export async function isOn() {
  return isPossible() && permission() === "granted" && Boolean(await subscription());
}

// Asks the person if need be; to be called from a tap. `"on"` or `"failed"`; `"denied"` or `"default"` if they did not
// allow it, or did not say.
export async function turnOn(token) {
  const said = await Notification.requestPermission();
  if (said !== "granted") return said;
  // Without a way to its push service a browser may try for hours. If it comes through later, the next start tells so.
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, "failed"); });
  return Promise.race([tell(token).then(() => "on", () => "failed"), late]);
}

// What is being told: it must not come to the daemon behind a word that was said after it.
let told = Promise.resolve();

// Tells the daemon where to call. The browser may have changed that since the last time.
export function tell(token) {
  const telling = subscribe(token);
  told = telling.catch(() => {});
  return telling;
}

async function subscribe(token) {
  const { push_key: key } = await api.me(token);
  const { pushManager } = await worker();
  const options = { userVisibleOnly: true, applicationServerKey: fromBase64url(key) };
  let made;
  try {
    made = await pushManager.subscribe(options);
  } catch (error) {
    // There is one with another key, of a daemon that was set up anew.
    const old = error.name === "InvalidStateError" && await pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    made = await pushManager.subscribe(options);
  }
  const { endpoint, keys } = made.toJSON();
  await api.push(token, { endpoint, keys });
}

export async function turnOff(token) {
  await told;
  await api.push(token, {});
  await (await subscription())?.unsubscribe();
}

// A plain POST instead, as ntfy and Gotify take it. The browser's own subscription ends: a phone is called in one place.
export async function post(token, address) {
  await told;
  await api.push(token, { post: address });
  if (isPossible()) await (await subscription())?.unsubscribe();
}

// Takes the notifications away: what they told of is seen or gone. `isOver` is asked again when the worker is there: meanwhile
// there may be news.
export async function clear(isOver) {
  if (!isPossible()) return;
  const shown = await (await worker())?.getNotifications({ tag: TAG }) ?? [];
  if (isOver()) shown.forEach((notification) => notification.close());
}
