// One sign-in of the past: what is known of it, and "That was not me".

import { callerOf, methodOf, outcomeOf, serviceOf, signOf, terminalOf, timesOf } from "./activity.js";
import * as api from "./api.js";
import { around, button, el, heading, outside, report } from "./dom.js";
import { explain } from "./faults.js";
import { show } from "./screen.js";
import { momentOf, t } from "./texts.js";

// `back` shows again what was there before.
export function eventView(event, session, back) {
  const state = report();
  const fact = (name, value) => (value ? [el("dt", {}, name), el("dd", {}, value)] : []);
  const said = outcomeOf(event);
  const caller = callerOf(event, session.identity.user);

  const notMe = () => sayNotMe(event, session, state, back);

  return {
    title: said.textContent ?? said,
    node: el("section", { class: "card past" },
      signOf(event),
      heading(said),
      el("dl", { class: "facts" },
        ...fact(t.when, momentOf(event.time)),
        ...fact(t.howOften, timesOf(event)),
        ...fact(t.how, serviceOf(event)),
        ...fact(t.way, methodOf(event)),
        ...fact(t.computer, outside(event.host)),
        ...fact(t.from, event.remote_host ? outside(event.remote_host) : around(t.itself, event.host)),
        ...fact(t.place, event.place && outside(event.place)),
        ...fact(t.where, terminalOf(event) && outside(event.terminal)),
        ...fact(t.askedBy, caller && outside(caller))),
      event.reported
        ? el("div", { class: "note" }, el("p", {}, t.reportedBefore), whatNow())
        : el("p", { class: "soft" }, t.wasItYou),
      el("div", { class: "choices" },
        button(t.back, event.reported ? "main" : "plain", back),
        !event.reported && button(t.wasNotMe, "plain", notMe)),
      state),
  };
}

// "That was not me", said of `event`. What becomes of it stands in `state`, or is a view of its own; `back` is where that leads.
export async function sayNotMe(event, session, state, back) {
  state.textContent = t.sending;
  try {
    await api.report(session.identity.token, event.id);
    show(reported(back));
  } catch (error) {
    if (!session.isUnknown(error)) state.textContent = error.status === 404 ? t.tooOld : explain(error);
  }
}

function reported(back) {
  return {
    title: t.reportedTitle,
    node: el("section", { class: "card" },
      heading(t.reportedTitle),
      el("p", { class: "lead" }, t.reportedLead),
      whatNow(),
      button(t.ok, "main", back)),
  };
}

const whatNow = () => el("ol", { class: "steps" }, ...t.whatNow.map((step) => el("li", {}, step)));
