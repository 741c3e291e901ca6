// Where a sign-in comes from, in words.

import { around } from "./dom.js";
import { t } from "./texts.js";

export const placeOf = ({ remote_host: remote, host }) => (remote ? around(t.fromWhere, remote) : around(t.itself, host));
