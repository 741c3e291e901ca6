// The phones' API (API.md), one function a call. The token goes into a header and never into an address. Where nobody answers,
// a call is made again: a relay may have died, and another one, or the same one started anew, is there a moment later.

import { heed } from "./clock.js";
import * as relays from "./relays.js";

// Longer than this and the person is told that there is no connection.
const PATIENCE = 15_000;
const TRIES = 5;
// Before the second try, in milliseconds; twice as long before each further one.
const PAUSE = 250;

// An answer that is not a success. `status` 0: there was no answer of the daemon's.
export class ApiError extends Error {
  // A try before this one may have come through, though its answer did not.
  isRepeat = false;

  constructor(status, retryAfter) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

// What has got through only with a second try tells those who hold a connection that it may be dead.
export const revivals = new EventTarget();

// `isOnce`: what must not come to the daemon twice, or takes long. `isThere`: what only this relay knows. `again()` is waited
// for before each try but the first.
async function call(method, path, { isOnce, isThere, again, ...said } = {}) {
  const begun = Date.now();
  for (let tries = 1; ; tries += 1) {
    const relay = relays.current();
    try {
      const answer = await tried(relay + path, method, said, isOnce ? PATIENCE : relays.PATIENCE);
      relays.answered(relay);
      if (tries > 1) revivals.dispatchEvent(new Event("revival"));
      return answer;
    } catch (error) {
      error.isRepeat = tries > 1;
      if (error.status !== 0) throw error;
      if (!isThere) relays.passOver(relay);
      if (isOnce || tries === TRIES || Date.now() - begun > PATIENCE) throw error;
    }
    // Half of it at random: a daemon that comes back is not met by all phones at once.
    const pause = PAUSE * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => { setTimeout(resolve, pause); });
    await again?.();
  }
}

// `withCookie`: a browser that has been to a provider is known by a cookie, and by nothing else.
async function tried(address, method, { token, body, withCookie }, patience) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response, answer;
  try {
    response = await fetch(address, {
      method, headers, body: body && JSON.stringify(body), cache: "no-store",
      credentials: withCookie ? "include" : "omit", redirect: "error", signal: AbortSignal.timeout(patience),
    });
    // Where there is no inbox, from which the time is known otherwise.
    if (withCookie) heed(response.headers.get("Date"));
    const text = await response.text();
    // Not JSON: something between us and the daemon has answered instead.
    answer = text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError(0);
  }
  if (!response.ok) throw new ApiError(response.status, Number(response.headers.get("Retry-After")));
  return answer;
}

// What a person says to a sign-in. The daemon takes the same again for what it is.
const say = (what, { id, ...said }) => call("POST", `/api/requests/${encodeURIComponent(id)}/${what}`, said);

export const ticket = (name) => call("POST", "/api/enroll", { body: { ticket: name } });
export const enroll = (made) => call("POST", "/api/enroll", { body: made });
export async function answer(token, id, body, again) {
  try {
    await say("answer", { token, id, body, again });
  } catch (error) {
    // The sign-in is over, by this answer perhaps: how it ended comes by another way.
    if (!error.isRepeat || error.status !== 404) throw error;
  }
}
export const decline = (token, id, mistake) => say("decline", { token, id, body: { mistake } });
export const endPause = (token, signed) => call("POST", "/api/pause/end", { token, body: signed });
export const me = (token) => call("GET", "/api/me", { token });
export const activity = (token) => call("GET", "/api/activity", { token });
export const report = (token, id) => call("POST", "/api/activity/report", { token, body: { id } });
export const push = (token, where) => call("PUT", "/api/push", { token, body: where });
export const challenge = () => call("POST", "/api/renew", { body: {} });
// A challenge serves once.
export const renew = (signed) => call("POST", "/api/renew", { body: signed, isOnce: true });

// Of an account, without a token.
const ofAccount = (path, body) => call("POST", `/api/account/${path}`, { body, withCookie: true, isOnce: true, isThere: true });
// A code or a ticket is known at one relay alone. Each is asked once, until one knows it; the calls after this go there.
export async function lookAccount(asked) {
  let problem;
  for (let tries = 0; tries < relays.count; tries += 1) {
    const relay = relays.current();
    try {
      return await ofAccount("look", asked);
    } catch (error) {
      if (error.status !== 404 && error.status !== 0) throw error;
      // That one did not answer says more than that the others do not know.
      if (problem?.status !== 0) problem = error;
      relays.passOver(relay);
    }
  }
  throw problem;
}
export const beginAccount = (asked) => ofAccount("begin", asked);
export const declineAccount = (code, mistake) => ofAccount("decline", { code, mistake });
export const withdrawAccount = (mistake) => ofAccount("decline", { mistake });
export const returnAccount = (answer) => ofAccount("callback", answer);
export const resumeAccount = () => ofAccount("resume", {});
export const endedAccount = () => ofAccount("ended", {});
