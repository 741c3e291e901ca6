// The stream of sign-ins: server-sent events read by `fetch`, since EventSource can send no token. It connects again by
// itself, and `nudge` makes it do so at once, as after a push or when the page comes to the front.

import { revivals } from "./api.js";
import { heed } from "./clock.js";
import * as relays from "./relays.js";

// The daemon sends a comment every 10 seconds: two missing ones are a lost connection.
const SILENCE = 25_000;
// A sign-in waits for a minute: a daemon that comes back must be found long before its end.
const LONGEST_PAUSE = 10_000;
// No event comes near it. One without end must not fill the memory, whether in one line or in many.
const LONGEST = 65_536;

// Why a connection was ended that need not be dead.
const ASKED = "asked";

// Calls `on.open()`, `on.event(name, data)`, `on.complete()` when all that waited already has come, `on.lost(isAway)`, true
// when a new connection has failed too, and `on.unknown()` for a token that is not known.
export function openInbox(token, on) {
  let closed = false;
  let heard = 0;
  let tries = 0;
  let wake = () => {};
  let connection = new AbortController();
  let relay = relays.current();

  async function connect() {
    const late = setTimeout(() => connection.abort(), relays.PATIENCE);
    const response = await fetch(`${relay}/api/inbox`, {
      headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
      cache: "no-store", credentials: "omit", redirect: "error", signal: connection.signal,
    }).finally(() => clearTimeout(late));
    if (closed) return;
    if (response.status === 401) {
      closed = true;
      on.unknown();
      return;
    }
    if (!response.ok || !response.body) return;
    heed(response.headers.get("Date"));
    on.open();
    for await (const event of events(response.body)) {
      if (closed) break;
      // Only now: a relay that opens a stream and ends it again has told nothing.
      tries = 0;
      relays.answered(relay);
      if (event) on.event(event.name, event.data);
      else on.complete();
    }
  }

  // Yields each event, and `null` for a comment: the first comes behind what waited already.
  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let name = "";
    let data = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard = Date.now();
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop();
      if (rest.length > LONGEST) throw new RangeError("a line without end");
      for (const line of lines) {
        if (line.length + data.length > LONGEST) throw new RangeError("an event without end");
        if (line.startsWith("event:")) name = line.slice(6).trim();
        else if (line.startsWith("data:")) data += line.slice(5).trim();
        else if (line === "" && name) {
          yield { name, data: JSON.parse(data) };
          name = data = "";
        } else if (line.startsWith(":")) yield null;
      }
    }
  }

  async function run() {
    while (!closed) {
      heard = Date.now();
      connection = new AbortController();
      const watch = setInterval(() => Date.now() - heard > SILENCE && connection.abort(), 5_000);
      relay = relays.current();
      try {
        await connect();
      } catch {
        // Lost; on to the next.
      }
      clearInterval(watch);
      if (closed) return;
      if (connection.signal.reason !== ASKED) relays.passOver(relay);
      // One that was given up in the middle of an event would stay open.
      connection.abort();
      on.lost(tries >= relays.count);
      // Longer when all have been tried. Half of it at random: a daemon that comes back is not met by all phones at once.
      const rounds = Math.floor(tries / relays.count);
      const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** rounds) * (0.5 + Math.random() / 2);
      tries += 1;
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause);
      });
    }
  }

  // Connects anew at once, whatever stands.
  function retry() {
    tries = 0;
    connection.abort(ASKED);
    wake();
  }

  // A phone that slept, or whose relay has died, may hold a connection that is dead and does not know it.
  const isDoubtful = () => relay !== relays.current() || Date.now() - heard > SILENCE / 2;

  // Gives up a connection that may be dead; says whether it did.
  function doubt() {
    if (!isDoubtful()) return false;
    retry();
    return true;
  }

  revivals.addEventListener("revival", doubt);
  run();
  return {
    close() {
      closed = true;
      revivals.removeEventListener("revival", doubt);
      connection.abort(ASKED);
      wake();
    },
    retry,
    doubt,
    nudge() {
      if (isDoubtful()) connection.abort(ASKED);
      wake();
    },
  };
}
