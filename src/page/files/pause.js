// The phone is not asked for a while, since the person has said "It's not me". If it was they after all, their passkey
// ends that: the computer checks what it signs, at the next sign-in.

import * as api from "./api.js";
import { pauseDigest } from "./digest.js";
import { button, el, report } from "./dom.js";
import { explain } from "./faults.js";
import { sign } from "./passkey.js";
import { clockOf, t } from "./texts.js";

// A section for the pause that `me` tells of; nothing without one.
export function pauseSection(me, session) {
  if (!me.pause) return undefined;
  const { identity } = session;
  const { pause } = me;
  const lead = el("p", {}, t.pausedLead(clockOf(pause.until), pause.host));
  const state = report();

  async function end() {
    state.textContent = t.confirmOnPhone;
    try {
      const challenge = await pauseDigest({ user: me.user, host: pause.host }, pause.since);
      const signed = await sign(challenge, identity.credential, identity.transports);
      state.textContent = t.sending;
      await api.endPause(identity.token, signed);
      ended();
    } catch (error) {
      // The pause has ended by itself.
      if (error.status === 404) ended();
      else if (!session.isUnknown(error)) state.textContent = explain(error);
    }
  }

  const again = button(t.endPause, "plain", end);
  function ended() {
    lead.textContent = t.pauseEnded;
    state.textContent = "";
    again.remove();
  }
  if (pause.ended) ended();
  return el("section", { class: "card" }, el("h2", {}, t.paused), lead, again, state);
}
