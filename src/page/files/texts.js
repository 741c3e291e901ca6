// The sentences, in the first of the browser's languages that we have.

import english from "./english.js";
import swedish from "./swedish.js";

const LANGUAGES = { sv: swedish, en: english };

const wanted = navigator.languages.find((tag) => tag.slice(0, 2) in LANGUAGES) ?? "en";

export const language = wanted.slice(0, 2);

// Browsers know few languages well enough to part their words, and large letters leave no room for long ones: where they
// may be parted stands with the sentences, and soft hyphens go in here.
const SOFT = "\u00ad";
const { hyphens, ...sentences } = LANGUAGES[language];
const words = hyphens.map((word) => [new RegExp(word.replaceAll("-", ""), "gi"), word.split("-").map((part) => part.length)]);

function part(text) {
  return words.reduce((parted, [word, lengths]) => parted.replace(word, (found) => {
    let place = 0;
    return lengths.map((length) => found.slice(place, place += length)).join(SOFT);
  }), text);
}

function parted(value) {
  if (typeof value === "string") return part(value);
  if (typeof value === "function") return (...given) => parted(value(...given));
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, each] of Object.entries(value)) copy[key] = parted(each);
  return copy;
}

export const t = parted(sentences);

// A sentence without them, for where it is not laid out.
export const whole = (text) => text.replaceAll(SOFT, "");

const time = new Intl.DateTimeFormat(wanted, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat(wanted, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(wanted, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(wanted, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});

// Unix seconds as a person reads them; nothing for what is no time.
const shown = (format) => (seconds) => (Number.isFinite(seconds) ? format.format(seconds * 1000) : "");
export const timeOf = shown(time);
export const clockOf = shown(minute);
// A date stands in one line.
export const dayOf = (seconds) => shown(day)(seconds).replaceAll(" ", "\u00a0");
export const momentOf = shown(moment);
