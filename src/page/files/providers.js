// To which providers of accounts the page sends a browser: where another web server serves it, to those that the document
// names. Else a relay that somebody has broken into could send people from an address that they trust to one of its choice.

import { isServedElsewhere } from "./relays.js";

const named = document.querySelector('meta[name="providers"]')?.content.split(" ") ?? [];

// Whether there can be any.
export const areKnown = !isServedElsewhere || named.length > 0;

export class UnknownProvider extends Error {}

// To the provider, and nowhere else than by https.
export function leaveFor(address) {
  const { protocol, origin } = new URL(address);
  if (protocol !== "https:" || (isServedElsewhere && !named.includes(origin))) throw new UnknownProvider(origin);
  location.assign(address);
}
