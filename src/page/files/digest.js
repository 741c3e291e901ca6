// What the passkey signs, and what proves an enrolment. The other half is the core's `approval` and `enrolment`: every
// byte must be the same there. The number goes in here and nowhere else.

import { fromBase64url, utf8 } from "./bytes.js";

// `purpose ‖ Σ len32be(field) ‖ field`: no two lists of fields give the same bytes.
export function framed(purpose, fields) {
  const parts = [utf8(purpose)];
  for (const field of fields) {
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, field.length);
    parts.push(new Uint8Array(length.buffer), field);
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

// The WebAuthn challenge of an approval: SHA-256 over the request's fields in their order, and the typed number last.
export async function approvalDigest(request, number) {
  const texts = [
    request.user, request.host, request.service, request.caller, request.remote_host, request.terminal,
    String(request.issued), String(request.expires), number,
  ];
  const bytes = framed("antiphon approval v1", [fromBase64url(request.nonce), ...texts.map(utf8)]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

// What takes "It's not me" back, said at `since`.
export async function pauseDigest({ user, host }, since) {
  const bytes = framed("antiphon pause v1", [user, host, String(since)].map(utf8));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

// What shows that this browser has the passkey, though it has no token. `challenge` is the daemon's word: signed as it is, it
// could be the digest of an approval.
export async function renewalDigest(challenge) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", framed("antiphon renewal v1", [challenge])));
}

// HMAC-SHA256 by the QR code's secret: this page made the passkey, and nobody on the way put in another.
export async function enrolmentProof(secret, made) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const fields = [
    utf8(made.user), utf8(made.host), utf8(made.origin), made.credential, made.publicKey,
    utf8(made.backupEligible ? "true" : "false"), utf8(made.name),
  ];
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, framed("antiphon enrolment v1", fields)));
}
