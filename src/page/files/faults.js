// What went wrong, as a sentence that says what to do.

import { ApiError } from "./api.js";
import { t } from "./texts.js";

export function explain(error) {
  if (error instanceof ApiError) return ofStatus(error);
  switch (error?.name) {
    case "NotAllowedError":
    case "AbortError": return t.faults.passkeyCancelled;
    case "SecurityError":
    case "NotSupportedError":
    case "ConstraintError":
    case "InvalidStateError": return t.faults.passkeyRefused;
    case "QuotaExceededError": return t.faults.noStore;
    default: return t.faults.strange;
  }
}

function ofStatus({ status, retryAfter }) {
  switch (status) {
    case 0: return t.faults.offline;
    case 404: return t.faults.gone;
    case 409: return t.faults.answered;
    case 422: return t.faults.notTaken;
    case 429: return t.faults.tooMany(retryAfter || 0);
    default: return status >= 500 ? t.faults.server : t.faults.strange;
  }
}
