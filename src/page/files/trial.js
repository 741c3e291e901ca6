// The rest of the set-up, after the passkey: notifications, the trial that root's command starts, and the end.

import { around, button, el, heading } from "./dom.js";
import { callSection } from "./calls.js";
import { isInstalled, isIos } from "./device.js";
import { sign } from "./outcome.js";
import { t } from "./texts.js";

// Whether this browser could only tell of sign-ins from the Home Screen.
const needsHomeScreen = () => isIos && !isInstalled();

export function notify(session, then) {
  const calls = callSection(session, { onOn: then });
  const waits = el("p", { class: "report", role: "status" });
  return {
    // The test waits behind this question, and the computer for the test.
    onMore(count) {
      waits.textContent = count >= 0 ? t.testWaits : "";
    },
    title: t.callMe,
    node: el("section", { class: "card" },
      heading(t.callMe),
      el("p", { class: "lead" }, t.callMeLead),
      calls,
      button(needsHomeScreen() ? t.makePasskey : t.notNow, "plain", then),
      waits),
  };
}

export function trial() {
  return {
    title: t.trial,
    node: el("section", { class: "card middle" },
      el("div", { class: "calm", "aria-hidden": "true" }),
      heading(t.trial),
      el("p", { class: "lead" }, t.trialWait)),
  };
}

export function done(session, then) {
  return {
    title: t.ready,
    node: el("section", { class: "card middle" },
      sign("yes"),
      heading(t.ready),
      el("p", { class: "lead" }, around(t.readyLead, session.identity.host)),
      needsHomeScreen() && el("p", { class: "note" }, t.readyIos),
      button(t.toHome, "main", then)),
  };
}

// Root's command did not keep the phone.
export function unfinished() {
  return {
    title: t.unfinished,
    node: el("section", { class: "card" }, heading(t.unfinished), el("p", { class: "lead" }, t.unfinishedLead)),
  };
}
