// The time as the daemon has it, in Unix seconds. A phone's clock may be off, and a countdown by it would lie.

// The header has whole seconds, and is older by the way here: less than this is no difference.
const NOTICEABLE = 3;

let ahead = 0;

// `date` is the Date header of an answer that has just begun.
export function heed(date) {
  const difference = Date.parse(date) / 1000 - Date.now() / 1000;
  ahead = Math.abs(difference) > NOTICEABLE ? difference : 0;
}

export const now = () => Date.now() / 1000 + ahead;
