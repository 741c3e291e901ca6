// The sentences, in the first of the browser's languages that we have.

import english from "./english.js";
import swedish from "./swedish.js";

const LANGUAGES = { sv: swedish, en: english };

const wanted = navigator.languages.find((tag) => tag.slice(0, 2) in LANGUAGES) ?? "en";

export const language = wanted.slice(0, 2);
export const t = LANGUAGES[language];

const time = new Intl.DateTimeFormat(wanted, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat(wanted, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(wanted, { dateStyle: "long" });
const moment = new Intl.DateTimeFormat(wanted, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});

// Unix seconds as a person reads them; nothing for what is no time.
const shown = (format) => (seconds) => (Number.isFinite(seconds) ? format.format(seconds * 1000) : "");
export const timeOf = shown(time);
export const clockOf = shown(minute);
export const dayOf = shown(day);
export const momentOf = shown(moment);
