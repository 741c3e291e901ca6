// Where a sign-in comes from, in words.

import { t } from "./texts.js";

export function placeOf({ remote_host: remote, host }) {
  return remote ? t.fromWhere(remote) : t.itself(host);
}
