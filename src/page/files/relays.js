// Where the daemon answers: at the page's own address, where it serves the page itself; else at the relays that the document
// names. The last one that answered comes first and the others in random order, so that phones spread over all of them.

// How long one may take until another, or another connection, is tried, in milliseconds.
export const PATIENCE = 5_000;

const LAST = "relay";

// Some browsers keep nothing, and throw.
function last() {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null;
  }
}

function ordered(named) {
  const first = last();
  const place = new Map(named.map((relay) => [relay, relay === first ? -1 : Math.random()]));
  return [...named].sort((one, other) => place.get(one) - place.get(other));
}

const named = document.querySelector('meta[name="relays"]')?.content.split(" ");
export const isServedElsewhere = named !== undefined;
const relays = named ? ordered(named) : [""];

export const count = relays.length;

// The one to ask, as what stands before a path.
export const current = () => relays[0];

// `relay` has not answered, or does not know what is asked for: another one is next.
export function passOver(relay) {
  if (relays[0] === relay) relays.push(relays.shift());
}

export function answered(relay) {
  if (!named || last() === relay) return;
  try {
    localStorage.setItem(LAST, relay);
  } catch {
    // Then the next start begins with any.
  }
}
