// The phones' API (API.md), one function a call. The token goes into a header and never into an address.

import { heed } from "./clock.js";

// Longer than this and the person is told that there is no connection.
const PATIENCE = 15_000;

// An answer that is not a success. `status` 0: there was no answer.
export class ApiError extends Error {
  constructor(status, retryAfter) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

// `withCookie`: a browser that has been to a provider is known by a cookie, and by nothing else.
async function call(method, path, { token, body, withCookie } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    response = await fetch(path, {
      method, headers, body: body && JSON.stringify(body), cache: "no-store",
      credentials: withCookie ? "same-origin" : "omit", redirect: "error", signal: AbortSignal.timeout(PATIENCE),
    });
    // Where there is no inbox, from which the time is known otherwise.
    if (withCookie) heed(response.headers.get("Date"));
    text = await response.text();
  } catch {
    throw new ApiError(0);
  }
  if (!response.ok) throw new ApiError(response.status, Number(response.headers.get("Retry-After")));
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    // Something between us and the daemon has answered instead.
    throw new ApiError(0);
  }
}

export const ticket = (name) => call("POST", "/api/enroll", { body: { ticket: name } });
export const enroll = (made) => call("POST", "/api/enroll", { body: made });
export const answer = (token, id, signed) =>
  call("POST", `/api/requests/${encodeURIComponent(id)}/answer`, { token, body: signed });
export const decline = (token, id, mistake) =>
  call("POST", `/api/requests/${encodeURIComponent(id)}/decline`, { token, body: { mistake } });
export const endPause = (token, signed) => call("POST", "/api/pause/end", { token, body: signed });
export const me = (token) => call("GET", "/api/me", { token });
export const activity = (token) => call("GET", "/api/activity", { token });
export const report = (token, id) => call("POST", "/api/activity/report", { token, body: { id } });
export const push = (token, where) => call("PUT", "/api/push", { token, body: where });
export const challenge = () => call("POST", "/api/renew", { body: {} });
export const renew = (signed) => call("POST", "/api/renew", { body: signed });

// Of an account, without a token.
const ofAccount = (path, body) => call("POST", `/api/account/${path}`, { body, withCookie: true });
export const lookAccount = (asked) => ofAccount("look", asked);
export const beginAccount = (asked) => ofAccount("begin", asked);
export const declineAccount = (code, mistake) => ofAccount("decline", { code, mistake });
export const withdrawAccount = (mistake) => ofAccount("decline", { mistake });
export const returnAccount = (answer) => ofAccount("callback", answer);
export const resumeAccount = () => ofAccount("resume", {});
export const endedAccount = () => ofAccount("ended", {});
