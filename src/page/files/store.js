// What this browser keeps, in IndexedDB: under `identity` the token, whose it is and with which passkey; under `code`
// the key of codes, which no script can read out; under `seen` the missed sign-ins that were the person's; under `begun`
// what an enrolment has sent until it is answered. Never a number, never a secret of a QR code.

const NAME = "antiphon";
const SHELF = "kept";

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(SHELF);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function act(mode, action) {
  const transaction = (await database()).transaction(SHELF, mode);
  return new Promise((resolve, reject) => {
    const request = action(transaction.objectStore(SHELF));
    // Not before the transaction is through: an identity that is said to be kept must be.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

export const load = (key) => act("readonly", (shelf) => shelf.get(key));
export const keep = (key, value) => act("readwrite", (shelf) => shelf.put(value, key));
export const forget = (key) => act("readwrite", (shelf) => shelf.delete(key));

// Whether this browser keeps anything here: some throw, some lose it at once.
export async function keepsAnything() {
  try {
    await keep("probe", 1);
    const kept = await load("probe");
    await forget("probe");
    return kept === 1;
  } catch {
    return false;
  }
}

// Asks the browser not to clear this away when space runs out. It may say no.
export async function keepForLong() {
  try {
    await navigator.storage.persist();
  } catch {
    // Then a lost token is renewed by the passkey.
  }
}
