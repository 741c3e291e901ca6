// Six-digit codes (RFC 6238: SHA-1, 30 seconds), where the administrator allows them here. The key cannot be read out
// of the browser, only used in it.

import { load, keep } from "./store.js";

export const PERIOD = 30;
const DIGITS = 6;

// Keeps the secret of the QR code as a key, and wipes the bytes.
export async function keepSecret(bytes) {
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  bytes.fill(0);
  await keep("code", key);
}

export const codeKey = () => load("code").catch(() => undefined);

// The code of the time `seconds`.
export async function codeAt(key, seconds) {
  const step = new DataView(new ArrayBuffer(8));
  step.setBigUint64(0, BigInt(Math.floor(seconds / PERIOD)));
  const sum = new DataView(await crypto.subtle.sign("HMAC", key, step.buffer));
  const place = sum.getUint8(sum.byteLength - 1) & 15;
  return String((sum.getUint32(place) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, "0");
}
