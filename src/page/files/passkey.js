// Passkeys (WebAuthn): making one at enrolment, and signing with it. The user is always verified, by fingerprint, face
// or the screen's lock.

import { fromBase64url, toBase64url, utf8 } from "./bytes.js";

// Time for a person to find their glasses.
const PATIENCE = 120_000;
const ES256 = -7;
const BACKUP_ELIGIBLE = 0x08;
// After the hash of the site.
const FLAGS = 32;

export const isPossible = () => Boolean(globalThis.isSecureContext && globalThis.PublicKeyCredential);

const descriptor = (id, transports) => ({ type: "public-key", id: fromBase64url(id), ...(transports && { transports }) });

// Makes the passkey of `user@host`, unless one of `credentials` is on this device already.
export async function create({ user, host, origin, credentials }) {
  const name = `${user}@${host}`;
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { id: new URL(origin).hostname, name: `Antiphon (${host})` },
      // The same for the same person, so that a new enrolment replaces the old passkey on this device.
      user: { id: new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(name))), name, displayName: name },
      // Nobody checks an attestation, so nobody checks the challenge: the proof does that work.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      excludeCredentials: credentials.map((id) => descriptor(id)),
      attestation: "none",
      timeout: PATIENCE,
    },
  });
  const { response } = made;
  const publicKey = response.getPublicKeyAlgorithm() === ES256 && response.getPublicKey();
  if (!publicKey) throw new DOMException("no P-256 key", "NotSupportedError");
  const flags = new Uint8Array(response.getAuthenticatorData())[FLAGS];
  return {
    credential: new Uint8Array(made.rawId),
    publicKey: new Uint8Array(publicKey),
    backupEligible: (flags & BACKUP_ELIGIBLE) !== 0,
    transports: response.getTransports?.() ?? [],
  };
}

// Signs `challenge` with the passkey `credential`; without one the person chooses among those of this place. `signal` takes
// the question away from the person.
export async function sign(challenge, credential, transports, signal) {
  const { rawId, response } = await navigator.credentials.get({
    signal,
    publicKey: {
      challenge,
      rpId: location.hostname,
      allowCredentials: credential ? [descriptor(credential, transports)] : [],
      userVerification: "required",
      timeout: PATIENCE,
    },
  });
  return {
    credential: toBase64url(rawId),
    client_data: toBase64url(response.clientDataJSON),
    authenticator_data: toBase64url(response.authenticatorData),
    signature: toBase64url(response.signature),
  };
}
