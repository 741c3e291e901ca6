// Turning notifications on and off, and the other way to be called: a plain POST to another app.

import { button, el, report } from "./dom.js";
import { isInstalled, isIos } from "./device.js";
import { explain } from "./faults.js";
import * as push from "./push.js";
import { t } from "./texts.js";

// One section for the set-up and the start page. `onOn` comes when the person has turned notifications on.
export function callSection(session, { onOn, withOff } = {}) {
  const node = el("div", { class: "calls" });
  const state = report();
  const controls = el("div");
  node.append(state, controls);

  const turnOn = button(t.turnOn, onOn ? "main" : "plain", async () => {
    state.textContent = t.asking;
    const result = await push.turnOn(session.identity.token);
    if (result === "on") {
      if (onOn) return onOn();
      return showOn();
    }
    state.textContent = { denied: t.blocked, default: t.pushOff, failed: t.noPush }[result];
  });
  const turnOff = button(t.turnOff, "plain", async () => {
    try {
      await push.turnOff(session.identity.token);
      showOff();
    } catch (error) {
      if (!session.isUnknown(error)) state.textContent = explain(error);
    }
  });

  const showOn = () => {
    state.textContent = t.pushOn;
    controls.replaceChildren(turnOff);
  };
  const showOff = () => {
    state.textContent = t.pushOff;
    controls.replaceChildren(turnOn);
  };

  if (isIos && !isInstalled()) state.textContent = t.iosHint;
  else if (!push.isPossible()) state.textContent = t.noPush;
  else if (!withOff) controls.replaceChildren(turnOn);
  else push.isOn().then((isOn) => (isOn ? showOn() : showOff()));
  return node;
}

// For phones without a push service of their own.
export function otherWay(session) {
  const field = el("input", { id: "address", type: "url", inputmode: "url", autocomplete: "off", placeholder: "https://" });
  const state = report();
  async function save(event) {
    event.preventDefault();
    try {
      await push.post(session.identity.token, field.value.trim());
      state.textContent = t.saved;
    } catch (error) {
      if (!session.isUnknown(error)) state.textContent = error.status === 422 ? t.badAddress : explain(error);
    }
  }
  return el("details", {},
    el("summary", {}, t.otherWay),
    el("form", { novalidate: true, on: { submit: save } },
      el("p", { class: "soft" }, t.otherWayLead),
      el("label", { for: "address" }, t.address),
      field,
      el("button", { class: "plain" }, t.save),
      state));
}
