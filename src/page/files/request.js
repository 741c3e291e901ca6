// A sign-in that waits: who, where to, how, from where and since when; a field for the number; Approve, and It is not me.
// The number goes from the field into the digest, and nowhere else.

import * as api from "./api.js";
import { fromBase64url } from "./bytes.js";
import { now } from "./clock.js";
import { approvalDigest } from "./digest.js";
import { countdown } from "./countdown.js";
import { el, heading, report } from "./dom.js";
import { others, whence } from "./facts.js";
import { explain } from "./faults.js";
import { numberField } from "./number_field.js";
import { sign } from "./passkey.js";
import { refuseQuestion } from "./refuse.js";
import { say } from "./screen.js";
import { t } from "./texts.js";

// The daemon says how it ended within milliseconds. After so many seconds without a word we say that we do not know.
const WORD_WITHIN = 10;
const HURRY = 15;

const TEXTS = ["id", "nonce", "user", "host", "service", "caller", "remote_host", "terminal"];

// Whether the daemon's `data` can be shown and answered.
export function isRequest(data) {
  try {
    return TEXTS.every((key) => typeof data[key] === "string") && fromBase64url(data.nonce).length === 32
      && Number.isSafeInteger(data.issued) && Number.isSafeInteger(data.expires)
      && data.digits >= 2 && data.digits <= 6;
  } catch {
    return false;
  }
}

export function request(asked, session) {
  const { identity } = session;
  const abort = new AbortController();
  const title = identity.provisional ? t.trialWaits : t.waits;
  let answeredAt;
  const end = (word) => abort.signal.aborted || session.ended(asked.id, word);

  const field = numberField(asked.digits, complete);
  const approve = el("button", { class: "main", disabled: true }, t.approve);
  const notMe = el("button", { type: "button", class: "plain", on: { click: askWhy } }, t.notMe);
  const state = report();
  const connection = el("p", { class: "report soft", role: "status" });
  const more = el("p", { class: "soft" });

  function complete() {
    approve.disabled = field.value.length !== asked.digits || field.readOnly;
  }

  function busy(isBusy) {
    field.readOnly = notMe.disabled = isBusy;
    complete();
  }

  function askWhy() {
    const question = refuseQuestion(decline, () => {
      question.node.replaceWith(form);
      field.focus();
    });
    form.replaceWith(question.node);
    question.title.focus();
  }

  async function answer(event) {
    event.preventDefault();
    if (approve.disabled) return;
    busy(true);
    state.textContent = t.confirmOnPhone;
    try {
      const challenge = await approvalDigest(asked, field.value);
      const signed = await sign(challenge, identity.credential, identity.transports, abort.signal);
      if (abort.signal.aborted) return;
      state.textContent = t.sending;
      await session.opened();
      if (abort.signal.aborted) return;
      await api.answer(identity.token, asked.id, signed, () => session.reopened());
      handedOn(undefined);
    } catch (error) {
      if (failed(error)) return;
      busy(false);
      field.focus();
    }
  }

  async function decline(isMistake) {
    node.querySelector(".why").replaceWith(form);
    state.textContent = t.sending;
    busy(true);
    try {
      await api.decline(identity.token, asked.id, isMistake);
      handedOn(isMistake ? "mistake" : "declined");
    } catch (error) {
      if (!failed(error)) busy(false);
    }
  }

  // `refusal` is what the person has said instead of approving.
  function handedOn(refusal) {
    if (abort.signal.aborted) return;
    field.value = "";
    answeredAt = now();
    state.textContent = t.sent;
    session.handedOn(asked, refusal);
  }

  // True if nothing more can be done here.
  function failed(error) {
    if (abort.signal.aborted || session.isUnknown(error)) return true;
    if (error.status === 404) end("cancelled");
    else if (error.status === 409) end("answered");
    else {
      state.textContent = explain(error);
      return false;
    }
    return true;
  }

  const left = countdown(asked, (seconds) => {
    if (seconds === HURRY && !answeredAt) say(t.hurry);
    if (answeredAt ? now() - answeredAt > WORD_WITHIN : seconds === 0) end(answeredAt ? "unsure" : "expired");
  });

  const form = el("form", { novalidate: true, on: { submit: answer } },
    el("label", { for: "number" }, t.number(asked.digits)),
    field,
    el("div", { class: "answers" }, notMe, approve),
    state);
  const node = el("section", { class: "card request" },
    heading(title),
    el("p", { class: "lead" }, identity.provisional ? t.trialLead : t.isItYou),
    // What tells a stranger's sign-in stands by the answers, where a keyboard covers half of the screen too.
    el("dl", { class: "facts" }, ...whence(asked)),
    form,
    left.node,
    el("dl", { class: "facts" }, ...others(asked)),
    connection,
    more);

  return {
    node,
    title,
    focus: field,
    close() {
      left.stop();
      abort.abort();
    },
    onConnection(connected) {
      connection.textContent = connected ? "" : connected === false ? t.lostWhileWaiting : t.connecting;
    },
    onMore(count) {
      more.textContent = count > 0 ? t.moreWait(count) : "";
    },
  };
}
