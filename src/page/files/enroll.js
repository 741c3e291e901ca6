// Enrolment: the link of the QR code, for whom it is, the phone's name, the passkey, and the proof that it was made here.

import * as api from "./api.js";
import { fromBase64url, toBase64url, utf8 } from "./bytes.js";
import { keepSecret } from "./codes.js";
import { asksToPersist, deviceName, hidesPrivate, seemsPrivate } from "./device.js";
import { enrolmentProof } from "./digest.js";
import { el, heading, report } from "./dom.js";
import { explain } from "./faults.js";
import * as passkey from "./passkey.js";
import { renewal } from "./renew.js";
import { show, whose } from "./screen.js";
import { forget, keep, keepForLong, keepsAnything, load } from "./store.js";
import { t } from "./texts.js";
import { HIDDEN, visible } from "./visible.js";

// What the daemon takes, in bytes; å is two of them.
const LONGEST_NAME = 64;
// In milliseconds; after it, a phone is kept or not.
const TICKET_LIFETIME = 600_000;

// `/enroll#TICKET.SECRET`, perhaps with `.CODES` behind it. The address bar and the history forget it at once; where
// another browser is needed, `putBack` has it stand there again, to be copied.
export function takeLink() {
  if (location.pathname !== "/enroll") return undefined;
  const { href, hash } = location;
  const [ticket, secret, codes] = hash.slice(1).split(".");
  history.replaceState(null, "", "/");
  const putBack = () => history.replaceState(null, "", href);
  try {
    return { ticket, secret: fromBase64url(secret), codes: codes ? fromBase64url(codes) : undefined, putBack };
  } catch {
    return { putBack };
  }
}

// Asks whom the link is for, and makes the view of it; none where an attempt that broke off has come to its end. `onDone(identity)`
// comes when the daemon has taken the passkey.
export async function enroll(link, present, onDone) {
  if (!link.ticket) return message(t.badLinkTitle, t.badLink);
  // Before the ticket is looked at and a passkey is made: neither would be of use.
  const lacks = !passkey.isPossible() ? t.noPasskeys : !await keepsAnything() ? t.noStore : undefined;
  if (lacks) {
    link.putBack();
    return message(t.cannotHere, lacks);
  }
  let invited;
  try {
    const begun = await load("begun");
    // The same browser with the same link once more.
    if (begun?.made.ticket === link.ticket) return onDone(await send(begun, link));
    invited = await api.ticket(link.ticket);
  } catch (error) {
    return message(t.badLinkTitle, sentence(error));
  }
  // A passkey made here would belong to another address than root's command expects.
  if (invited.origin !== location.origin) return message(t.badLinkTitle, t.otherAddress(visible(invited.origin)));
  return form(link, invited, present, onDone, { name: await deviceName(), isPrivate: await seemsPrivate() });
}

const sentence = (error) =>
  error.status === 404 ? t.badLink : error.status === 409 ? t.taken : explain(error);

const message = (title, text) => ({
  title,
  node: el("section", { class: "card" }, heading(title), el("p", { class: "lead" }, text)),
});

function form(link, invited, present, onDone, { name: device, isPrivate }) {
  const who = `${invited.user}@${invited.host}`;
  const other = present && `${present.user}@${present.host}` !== who && `${present.user}@${present.host}`;
  const field = el("input", {
    id: "name", value: device, maxlength: LONGEST_NAME / 2, autocomplete: "off", required: true,
    "aria-describedby": "name-hint",
  });
  const state = report();
  const submit = el("button", { class: "main" }, t.makePasskey);
  // Made once, also if the first try to send it did not get through.
  let begun;

  async function make(event) {
    event.preventDefault();
    const name = field.value.replace(HIDDEN, "").trim();
    // Before a passkey is made: what proves it has the name in it, and is sent as it is again.
    if (!name || utf8(name).length > LONGEST_NAME) {
      state.textContent = name ? t.phoneNameOdd : t.phoneNameMissing;
      field.focus();
      return;
    }
    submit.disabled = true;
    state.textContent = t.making;
    try {
      begun ??= await begin(link, invited, name);
      onDone(await send(begun, link));
    } catch (error) {
      if (error.name === "InvalidStateError") return show(already(invited, onDone));
      if (error.status === 404 || error.status === 409) return show(message(t.badLinkTitle, sentence(error)));
      state.textContent = error.status === 422 ? t.phoneNameOdd : explain(error);
      submit.disabled = false;
      submit.focus();
    }
  }

  whose(who);
  return {
    title: t.setUp,
    node: el("section", { class: "card" },
      heading(t.setUp),
      el("p", { class: "lead" }, t.setUpLead),
      el("dl", { class: "facts" },
        el("dt", {}, t.who), el("dd", {}, el("bdi", {}, visible(invited.user))),
        el("dt", {}, t.computer), el("dd", {}, el("bdi", {}, visible(invited.host)))),
      other && el("p", { class: "note" }, t.replaces(visible(other))),
      el("form", { novalidate: true, on: { submit: make } },
        el("label", { for: "name" }, t.phoneName),
        field,
        el("p", { id: "name-hint", class: "soft hint" }, t.phoneNameHint),
        submit,
        el("p", { class: "soft" }, t.makePasskeyHint),
        asksToPersist && el("p", { class: "soft" }, t.persistHint),
        hidesPrivate && el("p", { class: "soft" }, t.ordinaryWindow),
        isPrivate && el("p", { class: "note" }, t.privateWindow),
        state)),
  };
}

// Makes the passkey, and what is sent of it. It is kept until the daemon has answered: an attempt that broke off, in
// the page or on the way, goes on where it was.
async function begin(link, invited, name) {
  const made = await passkey.create(invited);
  const proof = await enrolmentProof(link.secret, { ...invited, ...made, name });
  const begun = {
    made: {
      ticket: link.ticket, name, credential: toBase64url(made.credential), public_key: toBase64url(made.publicKey),
      backup_eligible: made.backupEligible, proof: toBase64url(proof),
    },
    user: invited.user, host: invited.host, transports: made.transports,
  };
  await keep("begun", begun);
  return begun;
}

async function send({ made, user, host, transports }, link) {
  const { token } = await api.enroll(made);
  const identity = {
    token, user, host, credential: made.credential, transports, provisional: Date.now() + TICKET_LIFETIME,
  };
  await keep("identity", identity);
  await forget("begun");
  if (link.codes) await keepSecret(link.codes);
  keepForLong();
  return identity;
}

// The authenticator has one of the passkeys that the person has here: then it serves.
const already = (invited, onDone) => renewal(invited, onDone, { title: t.alreadyHere, lead: t.alreadyHereLead, action: t.useIt });
