// Recent activity: each event in words, the latest first. A sign-in can be opened: there the person can say that it was
// not they.

import { around, button, el, outside } from "./dom.js";
import { sign } from "./outcome.js";
import { placeOf } from "./place.js";
import { momentOf, t } from "./texts.js";

const AT_FIRST = 3;
const SIGNS = {
  accepted: "yes", exempt: "yes", enrolled: "yes", unlocked: "yes", recovery: "yes", bypass: "yes", "bypass withdrawn": "no", changed: "yes", number: "yes",
  expired: "time",
  asked: "time", called: "time", verified: "time", sent: "time",
  "enrolment-begun": "time", "enrolment-restarted": "time", "enrolment-resumed": "time",
};

// `open(event)` shows one sign-in.
export function activityList(events, user, open) {
  if (events.length === 0) return el("p", { class: "soft" }, t.noActivity);
  const items = (some) => some.map((event) => item(event, user, open));
  const list = el("ol", { class: "list events" }, ...items(events.slice(0, AT_FIRST)));
  const more = events.length > AT_FIRST && button(t.more, "plain", () => {
    const rest = items(events.slice(AT_FIRST));
    list.append(...rest);
    more.remove();
    (rest[0].querySelector("button") ?? rest[0]).focus();
  });
  return el("div", {}, list, more);
}

// A word that we have no sentence for stands as it is.
export const inWords = (words, word) => (Object.hasOwn(words, word) ? words[word] : outside(word));
const withReason = ({ outcome, reason }) => `${outcome} ${reason}`;

export const outcomeOf = (event) => inWords(t.events, Object.hasOwn(t.events, withReason(event)) ? withReason(event) : event.outcome);
// Of one that has not ended the method is what was asked for, and nothing that was done.
export const methodOf = ({ method, outcome }) =>
  (method && !["asked", "called", "cancelled", "expired"].includes(outcome) ? inWords(t.methods, method) : "");
export const serviceOf = (event) => inWords(t.services, event.service);
export const timesOf = ({ count, since }) => (count > 1 ? t.times(count, momentOf(since)) : "");
export const signOf = (event) => sign(SIGNS[withReason(event)] ?? SIGNS[event.outcome] ?? "no");

// What root did with the command is no sign-in.
export const isSignIn = (event) => !event.service.startsWith("antiphon ");

// Who asked for it, where that says something: for sshd, login and their like it is always root.
export const callerOf = ({ caller }, user) => (caller === "root" || caller === user ? "" : caller);

// sshd names none, and says "ssh".
export const terminalOf = ({ terminal }) => (terminal === "ssh" ? "" : terminal);

function item(event, user, open) {
  // What root did is no answer: new recovery codes are not "with a recovery code". A phone is what it was done to.
  const how = isSignIn(event) ? [methodOf(event), serviceOf(event)] : [event.method === "phone" && methodOf(event)];
  const where = [
    ...(event.remote_host || !isSignIn(event) ? [outside(event.host)] : []),
    isSignIn(event) && placeOf(event),
    callerOf(event, user) && around(t.by, callerOf(event, user)),
  ];
  const line = (parts) => parts.filter(Boolean).flatMap((part, place) => [place ? " · " : "", part]);
  const parts = [
    signOf(event),
    el("strong", {}, outcomeOf(event)),
    el("small", {}, el("time", {}, momentOf(event.time)), timesOf(event) ? ` · ${timesOf(event)}` : ""),
    how.some(Boolean) && el("small", {}, ...line(how)),
    el("small", {}, ...line(where)),
    event.reported && el("small", {}, el("span", { class: "tag" }, t.reportedTag)),
  ];
  if (!isSignIn(event)) return el("li", { tabindex: "-1" }, el("div", { class: "event" }, ...parts));
  return el("li", {},
    el("button", { type: "button", class: "event", on: { click: () => open(event) } }, ...parts));
}
