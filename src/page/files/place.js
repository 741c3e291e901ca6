// Where a sign-in comes from, in words: the address, and what the administrator calls it.

import { around, el, outside } from "./dom.js";
import { t } from "./texts.js";

export function placeOf({ remote_host: remote, host, place }) {
  if (!remote) return around(t.itself, host);
  const from = around(t.fromWhere, remote);
  return place ? el("span", {}, from, " (", outside(place), ")") : from;
}
