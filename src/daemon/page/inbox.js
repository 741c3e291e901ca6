// The stream of sign-ins: server-sent events read by `fetch`, since EventSource can send no token. It connects again by
// itself, and `nudge` makes it do so at once, as after a push or when the page comes to the front.

import { heed } from "./clock.js";

// The daemon sends a comment every 20 seconds: two missing ones are a lost connection.
const SILENCE = 45_000;
const LONGEST_PAUSE = 30_000;
// No event comes near it. A line without end must not fill the memory.
const LONGEST_LINE = 65_536;

// Calls `on.open()`, `on.event(name, data)`, `on.complete()` when all that waited already has come, `on.lost()`, and
// `on.unknown()` for a token that is not known.
export function openInbox(token, on) {
  let closed = false;
  let heard = 0;
  let tries = 0;
  let wake = () => {};
  let connection = new AbortController();

  async function connect() {
    connection = new AbortController();
    const response = await fetch("/api/inbox", {
      headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
      cache: "no-store", credentials: "omit", redirect: "error", signal: connection.signal,
    });
    if (closed) return;
    if (response.status === 401) {
      closed = true;
      on.unknown();
      return;
    }
    if (!response.ok || !response.body) return;
    tries = 0;
    heed(response.headers.get("Date"));
    on.open();
    for await (const event of events(response.body)) {
      if (closed) break;
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
      if (rest.length > LONGEST_LINE) throw new RangeError("a line without end");
      for (const line of lines) {
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
      const watch = setInterval(() => Date.now() - heard > SILENCE && connection.abort(), 5_000);
      try {
        await connect();
      } catch {
        // Lost; on to the next.
      }
      clearInterval(watch);
      if (closed) return;
      on.lost();
      // Half of it at random: a daemon that comes back is not met by all phones at once.
      const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** tries) * (0.5 + Math.random() / 2);
      tries += 1;
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause);
      });
    }
  }

  run();
  return {
    close() {
      closed = true;
      connection.abort();
      wake();
    },
    // Connects anew at once, whatever stands.
    retry() {
      tries = 0;
      connection.abort();
      wake();
    },
    nudge() {
      // A phone that slept may hold a connection that is dead and does not know it.
      if (Date.now() - heard > SILENCE / 2) connection.abort();
      wake();
    },
  };
}
