// Behind the provider: the digits for the terminal, and how it ended.

import * as api from "./api.js";
import { now } from "./clock.js";
import { countdown } from "./countdown.js";
import { around, button, el, heading, report } from "./dom.js";
import { explain } from "./faults.js";
import { outcome, sign } from "./outcome.js";
import { refuseQuestion } from "./refuse.js";
import { show, whose } from "./screen.js";
import { t } from "./texts.js";

// The daemon says how it ended within a moment after the time is up.
const GRACE = 5;
// At most so often it is asked how it ended, in milliseconds.
const PAUSE = 2_000;
// So long a refusal waits for the computer's word: it may have signed in just before.
const MOMENT = 2_000;

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const card = (title, ...children) => ({
  title,
  node: el("section", { class: "card middle" }, ...children),
});

// What is amiss meanwhile is written into `state`.
export function checking() {
  const state = report();
  const view = card(t.account.checking, el("div", { class: "calm", "aria-hidden": "true" }),
    heading(t.account.checking), el("p", { class: "lead" }, t.account.checkingLead), state);
  return { ...view, state };
}

export const notHere = (text) => ({
  title: t.account.notHere,
  node: el("section", { class: "card" }, heading(t.account.notHere), el("p", { class: "lead" }, text)),
});

export const closing = () => card(t.account.close, heading(t.account.close), el("p", { class: "lead" }, t.account.closeLead));

// What the daemon made of the provider's answer. `leave()` comes when the person has seen the end.
export function goOn(signed, leave) {
  whose(`${signed.user}@${signed.host}`);
  if (signed.failed) return show(failed(signed));
  if (signed.is_enrolment) return show(enrolled(signed));
  const abort = new AbortController();
  const heard = hear(signed, abort.signal);
  let current, refusal;

  // Shows one view after the other, and listens until the person has put the last one away.
  function put(view) {
    current = view;
    const close = view.close;
    view.close = () => {
      close?.();
      if (current === view) abort.abort();
    };
    show(view);
  }

  const end = (word) => put(outcome(word, signed, false, leave));

  async function refuse(word) {
    refusal = word;
    const ended = await Promise.race([heard, sleep(MOMENT)]);
    if (ended !== "accepted" && !abort.signal.aborted) end(word);
  }

  put(signed.check_digits ? digits(signed, refuse) : sent(signed));
  heard.then((word) => {
    // Nothing but that somebody has got in all the same is new to who has refused it.
    if (!abort.signal.aborted && (!refusal || word === "accepted")) end(word);
  });
}

function failed({ failed: word, host }) {
  const known = t.account.failed;
  const [title, sentence] = Object.hasOwn(known, word) ? known[word] : known.provider_refused;
  return card(title, sign("no"), heading(title), el("p", { class: "lead" }, around(sentence, host)));
}

const enrolled = ({ host }) => card(t.account.added, sign("yes"), heading(t.account.added),
  el("p", { class: "lead" }, around(t.account.addedLead, host)));

function sent({ enter, host }) {
  const [title, sentence] = enter ? t.ended.enter : [t.account.sent, t.account.sentLead];
  return card(title, sign(enter ? "key" : "time"), heading(title), el("p", { class: "lead" }, around(sentence, host)));
}

// Until they are typed the person can still take it back; `refuse(word)` comes when they have.
function digits({ check_digits: shown, host, expires }, refuse) {
  const left = countdown({ issued: now(), expires }, () => {});
  const state = report();
  const notMe = button(t.notMe, "plain", () => {
    notMe.replaceWith(question.node);
    question.title.focus();
  });
  const question = refuseQuestion(decline, back);

  function back() {
    question.node.replaceWith(notMe);
    notMe.focus();
  }

  async function decline(isMistake) {
    back();
    notMe.disabled = true;
    state.textContent = t.sending;
    try {
      await api.withdrawAccount(isMistake);
      refuse(isMistake ? "mistake" : "declined");
    } catch (error) {
      state.textContent = explain(error);
      notMe.disabled = false;
    }
  }

  return {
    title: t.account.digits,
    node: el("section", { class: "card middle" },
      heading(t.account.digits),
      el("p", { class: "lead" }, around(t.account.digitsLead, host)),
      el("p", { id: "digits", class: "code" }, shown),
      left.node,
      el("p", { class: "note" }, t.account.digitsNote),
      notMe,
      state),
    close: () => left.stop(),
  };
}

// How it ended, as the computer said it; `unsure` if nothing is heard of it until some time after the end.
async function hear({ expires, check_digits: digits }, signal) {
  while (!signal.aborted && now() < expires + GRACE) {
    const paused = sleep(PAUSE);
    try {
      const { outcome: word } = await api.endedAccount();
      if (word) return word;
    } catch (error) {
      // The daemon no longer knows, and nobody else does; but digits count also without it.
      if (!digits && (error.status === 404 || error.status === 403)) return "unsure";
    }
    // The daemon waits before it says that it has not ended: one that does not is not asked again and again.
    await paused;
  }
  return "unsure";
}
