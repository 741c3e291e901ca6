// Being called when the page is closed: Web Push (RFC 8030), by permission of the person.

import * as api from "./api.js";
import { fromBase64url } from "./bytes.js";

const TAG = "sign-in";

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
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "push" && onPush());
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER);
  } catch {
    // Private windows have none. The page works without.
  }
}

const subscription = async () => (await navigator.serviceWorker.ready).pushManager.getSubscription();

export async function isOn() {
  return isPossible() && permission() === "granted" && Boolean(await subscription());
}

// Asks the person if need be; to be called from a tap. `"on"` or `"failed"`; `"denied"` or `"default"` if they did not
// allow it, or did not say.
export async function turnOn(token) {
  const said = await Notification.requestPermission();
  if (said !== "granted") return said;
  try {
    await tell(token);
    return "on";
  } catch {
    return "failed";
  }
}

// Tells the daemon where to call. The browser may have changed that since the last time.
export async function tell(token) {
  const { push_key: key } = await api.me(token);
  const { pushManager } = await navigator.serviceWorker.ready;
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
  await api.push(token, {});
  await (await subscription())?.unsubscribe();
}

// A plain POST instead, as ntfy and Gotify take it.
export const post = (token, address) => api.push(token, { post: address });

// Takes the notifications away: what they told of is seen or gone.
export async function clear() {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const notification of await registration?.getNotifications({ tag: TAG }) ?? []) notification.close();
}
