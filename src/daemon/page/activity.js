// Recent activity: each event in words, the latest first.

import { button, el, outside } from "./dom.js";
import { sign } from "./outcome.js";
import { momentOf, t } from "./texts.js";

const AT_FIRST = 5;
const SIGNS = { accepted: "yes", exempt: "yes", enrolled: "yes", unlocked: "yes", recovery: "yes", expired: "time" };

export function activityList(events) {
  if (events.length === 0) return el("p", { class: "soft" }, t.noActivity);
  const list = el("ol", { class: "list events" }, ...events.slice(0, AT_FIRST).map(item));
  const more = events.length > AT_FIRST && button(t.more, "plain", () => {
    const rest = events.slice(AT_FIRST).map(item);
    list.append(...rest);
    more.remove();
    rest[0].focus();
  });
  return el("div", {}, list, more);
}

// A word that we have no sentence for stands as it is.
const inWords = (words, word) => (Object.hasOwn(words, word) ? words[word] : word);

function item(event) {
  const how = [
    inWords(t.methods, event.method),
    // Of what root did, the outcome says all.
    !event.service.startsWith("antiphon ") && inWords(t.services, event.service),
  ];
  const where = [
    event.host,
    event.remote_host && t.fromWhere(event.remote_host),
    event.caller && t.by(event.caller),
  ];
  const line = (parts) => parts.filter(Boolean).flatMap((part, place) => [place ? " · " : "", outside(part)]);
  return el("li", { tabindex: "-1" },
    sign(SIGNS[event.outcome] ?? "no"),
    el("strong", {}, outside(inWords(t.events, event.outcome))),
    el("time", {}, momentOf(event.time)),
    el("small", {}, ...line(how)),
    el("small", {}, ...line(where)));
}
