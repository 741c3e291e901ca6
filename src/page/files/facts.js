// What is asked, in pairs: who, where to, how, from where and since when.

import { callerOf, inWords, terminalOf } from "./activity.js";
import { around, el, outside } from "./dom.js";
import { t, timeOf } from "./texts.js";

const fact = (name, ...value) => [el("dt", {}, name), el("dd", {}, ...value)];

export function whence(asked) {
  return [
    ...fact(t.computer, outside(asked.host)),
    ...fact(t.from, asked.remote_host ? outside(asked.remote_host) : around(t.itself, asked.host),
      ...placeNotes(asked).map((note) => el("small", {}, note))),
  ];
}

// What the administrator calls the place, and whether it is a new one; the computer need not say, and is none itself.
const placeNotes = ({ place, familiar, remote_host: remoteHost }) => [
  typeof place === "string" && place && outside(place),
  familiar === true && remoteHost && t.familiar,
  familiar === false && el("strong", {}, t.newPlace),
].filter(Boolean);

export function others(asked) {
  return [
    ...fact(t.how, inWords(t.services, asked.service), terminalOf(asked) && el("small", {}, around(t.terminal, asked.terminal))),
    ...fact(t.who, outside(asked.user)),
    ...(callerOf(asked, asked.user) ? fact(t.askedBy, outside(asked.caller)) : []),
    ...fact(t.began, timeOf(asked.issued)),
  ];
}
