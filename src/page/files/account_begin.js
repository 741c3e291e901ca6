// Before the provider: what is asked, the number, and the way there.

import { countdown } from "./countdown.js";
import { around, button, el, heading, outside, report } from "./dom.js";
import { others, whence } from "./facts.js";
import { explain } from "./faults.js";
import { numberField } from "./number_field.js";
import { UnknownProvider, leaveFor } from "./providers.js";
import { refuseQuestion } from "./refuse.js";
import { say } from "./screen.js";
import { language, t } from "./texts.js";
import { visible } from "./visible.js";

const HURRY = 30;

const labelOf = ({ label }) => visible(label?.[language] ?? label?.en ?? "");

function sentence(error) {
  if (error instanceof UnknownProvider) return t.account.unknownProvider;
  return error.status === 502 ? t.account.away : explain(error);
}

// A sign-in. `on.begin(number)` says where to go, `on.decline(isMistake)` refuses it, `on.ended(word)` comes when there is
// nothing more to do here.
export function approval(asked, on) {
  let isOver = false;
  const field = numberField(asked.digits, complete);
  const go = el("button", { class: "main", disabled: true }, t.account.go);
  const notMe = el("button", { type: "button", class: "plain", on: { click: askWhy } }, t.notMe);
  const state = report();

  function complete() {
    go.disabled = field.value.length !== asked.digits || field.readOnly;
  }

  function busy(isBusy) {
    field.readOnly = notMe.disabled = isBusy;
    complete();
  }

  function end(word) {
    if (isOver) return;
    isOver = true;
    on.ended(word);
  }

  function askWhy() {
    const question = refuseQuestion(decline, () => {
      question.node.replaceWith(form);
      field.focus();
    });
    form.replaceWith(question.node);
    question.title.focus();
  }

  async function begin(event) {
    event.preventDefault();
    if (go.disabled) return;
    busy(true);
    state.textContent = t.account.going;
    try {
      const { location: address } = await on.begin(field.value);
      if (isOver) return;
      field.value = "";
      leaveFor(address);
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
      await on.decline(isMistake);
      end(isMistake ? "mistake" : "declined");
    } catch (error) {
      if (!failed(error)) busy(false);
    }
  }

  // True if nothing more can be done here.
  function failed(error) {
    if (isOver) return true;
    if (error.status === 404) end("cancelled");
    else if (error.status === 409) end("answered");
    else {
      state.textContent = sentence(error);
      return false;
    }
    return true;
  }

  const form = el("form", { novalidate: true, on: { submit: begin } },
    el("label", { for: "number" }, t.number(asked.digits)),
    field,
    el("div", { class: "answers" }, notMe, go),
    state);
  const left = countdown(asked, (seconds) => {
    if (seconds === HURRY) say(t.account.hurry);
    if (seconds === 0) end("expired");
  });
  const node = el("section", { class: "card request" },
    heading(t.waits),
    el("p", { class: "lead" }, around(t.account.isItYou, labelOf(asked))),
    el("dl", { class: "facts" }, ...whence(asked)),
    form,
    // Behind the answers: a keyboard that covers half of the screen leaves room for little else.
    asked.elsewhere === true && el("p", { class: "note" }, t.account.elsewhere),
    left.node,
    el("dl", { class: "facts" }, ...others(asked), ...where(asked)));
  return {
    node,
    title: t.waits,
    focus: field,
    close() {
      isOver = true;
      left.stop();
    },
  };
}

// An enrolment: `begin()` says where to go.
export function invitation(invited, begin) {
  const state = report();
  const go = button(t.account.go, "main", async () => {
    state.textContent = t.account.going;
    try {
      leaveFor((await begin()).location);
    } catch (error) {
      state.textContent = error.status === 404 ? t.account.badTicket : sentence(error);
    }
  });
  return {
    title: t.account.add,
    node: el("section", { class: "card" },
      heading(t.account.add),
      el("p", { class: "lead" }, around(t.account.addLead, labelOf(invited))),
      el("dl", { class: "facts" },
        el("dt", {}, t.who), el("dd", {}, outside(invited.user)),
        el("dt", {}, t.computer), el("dd", {}, outside(invited.host)),
        ...where(invited)),
      go,
      state),
  };
}

// With the label, so that nobody types their password at an address that they do not know.
const where = (asked) => (asked.at ? [el("dt", {}, t.account.at), el("dd", { class: "host" }, outside(asked.at))] : []);
