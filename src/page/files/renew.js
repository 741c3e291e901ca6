// A browser without a token that the daemon knows: the passkey brings a new one, else a new QR code does. Where the key
// of codes is kept, a code is shown from here too.

import * as api from "./api.js";
import { fromBase64url } from "./bytes.js";
import { codeButton } from "./code_view.js";
import { renewalDigest } from "./digest.js";
import { button, el, heading, report } from "./dom.js";
import { explain } from "./faults.js";
import * as passkey from "./passkey.js";
import { show } from "./screen.js";
import { keep, keepForLong } from "./store.js";
import { t } from "./texts.js";

// `known` is the identity whose token has ended, if any; `onDone(identity)` gets the new one.
export function renewal(known, onDone, words) {
  const { title, lead, action } = words ?? (known
    ? { title: t.renew, lead: t.renewLead, action: t.renewNow }
    : { title: t.welcome, lead: t.welcomeLead, action: t.renewNow });
  const state = report();

  async function renew() {
    state.textContent = t.confirmOnPhone;
    try {
      onDone(await fresh(known));
    } catch (error) {
      state.textContent = error.status === 403 ? t.notYours : explain(error);
    }
  }

  const view = {
    title,
    node: el("section", { class: "card" },
      heading(title),
      el("p", { class: "lead" }, passkey.isPossible() ? lead : t.noPasskeys),
      passkey.isPossible() && button(action, "main", renew),
      state,
      el("p", { class: "soft" }, t.enrolAgain),
      codeButton(() => show(renewal(known, onDone, words)))),
  };
  return view;
}

async function fresh(known) {
  const { challenge } = await api.challenge();
  const digest = await renewalDigest(fromBase64url(challenge));
  const signed = await passkey.sign(digest, known?.credential, known?.transports);
  const { token } = await api.renew({ challenge, assertion: signed });
  const { user, host } = await api.me(token);
  const identity = { token, user, host, credential: signed.credential };
  await keep("identity", identity);
  keepForLong();
  return identity;
}
