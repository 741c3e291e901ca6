// Sign-ins that had the person's password and were not finished: whoever comes too late for one, or taps an old
// notification, sees it and says whether it was they. "That was me" is kept in this browser and changes nothing elsewhere.

import { callerOf, isSignIn, serviceOf } from "./activity.js";
import { now } from "./clock.js";
import { around, button, el, report } from "./dom.js";
import { sayNotMe } from "./event.js";
import { placeOf } from "./place.js";
import { keep, load } from "./store.js";
import { momentOf, t } from "./texts.js";

const LATELY = 24 * 3600;
// Seconds in which a sign-in may still be going on: at a prompt for a code, and while the phone is asked.
const AT_PROMPT = 120;
const MOST_SEEN = 100;

// The sign-ins of `events`, the latest first, that the person has missed. `seen` are ids of those that were theirs.
export function missedOf(events, seen, isAnswering) {
  // From these places somebody has signed in since, rightly: what was begun there before was theirs too. At the computer
  // itself everybody has a place of their own: another who calls su is not the person.
  const homes = new Set();
  return events.filter((event) => {
    const { host, remote_host: remote, caller } = event;
    const place = `${host} ${remote || `by ${caller}`}`;
    if (event.outcome === "accepted") homes.add(place);
    return isSignIn(event) && isUnfinished(event, isAnswering) && !homes.has(place)
      && !event.reported && !seen.includes(event.id) && now() - event.time < LATELY;
  });
}

function isUnfinished({ outcome, reason, time }, isAnswering) {
  switch (outcome) {
    case "called": return !isAnswering;
    case "asked": return now() - time > AT_PROMPT;
    case "refused": return reason === "no-answer";
    default: return outcome === "expired" || outcome === "cancelled";
  }
}

// A section for the latest of them; nothing without one. `back` shows again what was there before.
export async function missedSection(events, session, back) {
  const seen = await load("seen").catch(() => undefined) ?? [];
  const [event, ...others] = missedOf(events, seen, session.isAnswering);
  if (!event) return undefined;
  const state = report();
  const caller = callerOf(event, session.identity.user);

  async function wasMe() {
    // A browser that keeps nothing asks again.
    await keep("seen", [event.id, ...seen].slice(0, MOST_SEEN)).catch(() => {});
    back();
  }

  const wasNotMe = () => sayNotMe(event, session, state, back);

  return el("section", { class: "card missed" },
    el("h2", {}, t.missed),
    el("p", {}, momentOf(event.time), el("br"), placeOf(event), el("br"), serviceOf(event),
      ...(caller ? [el("br"), around(t.by, caller)] : [])),
    el("p", { class: "soft" }, t.missedLead),
    el("div", { class: "answers" }, button(t.wasNotMe, "plain", wasNotMe), button(t.wasMe, "plain", wasMe)),
    others.length > 0 && el("p", { class: "soft" }, t.missedMore(others.length)),
    state);
}
