// Bytes as the API writes them: base64url without padding, and UTF-8.

export const utf8 = (text) => new TextEncoder().encode(text);

export function toBase64url(bytes) {
  const characters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Throws if `text` is anything else.
export function fromBase64url(text) {
  if (!/^[\w-]*$/.test(text)) throw new TypeError("not base64url");
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
