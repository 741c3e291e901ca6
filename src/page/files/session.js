// A phone that is known: its inbox, the sign-ins that wait, and what is shown when. A waiting sign-in comes before
// everything but a step of the set-up that the person is in.

import { approval } from "./account_begin.js";
import * as api from "./api.js";
import { now } from "./clock.js";
import { openInbox } from "./inbox.js";
import { outcome } from "./outcome.js";
import { clear } from "./push.js";
import { isRequest, request } from "./request.js";
import { say, show, whose } from "./screen.js";
import { t } from "./texts.js";
import { visible } from "./visible.js";

// How long an answer waits for the inbox, in milliseconds.
const WAIT = 5_000;

export class Session {
  // Undefined while it is tried, and false when that has failed.
  connected;
  // How often the inbox was opened: it begins with all that waits, so what is not told of again has gone meanwhile.
  #opened = 0;
  #waiting = new Map();
  #inbox;
  #on;
  // Called when the inbox is open.
  #awaited = () => {};
  #stop = new AbortController();
  #rest;
  #first;
  #view;
  // The request that is shown, and whether it has ended.
  #shown;
  #ended;
  // Requests that this page has answered and not heard of since.
  #answered = new Map();
  // Outcomes that came while something else was before the person: `{ asked, word }`.
  #unseen = [];

  // `on.onUnknown()`: the token is not known any more. `on.onAccepted()`: an approval was right; true if that is dealt with.
  constructor(identity, on) {
    this.identity = identity;
    this.#on = on;
    whose(`${identity.user}@${identity.host}`);
    this.#inbox = openInbox(identity.token, {
      open: () => this.#connection(true),
      complete: () => this.#complete(),
      lost: (isAway) => this.#connection(isAway ? false : undefined),
      unknown: () => on.onUnknown(),
      event: (name, data) => this.#event(name, data),
    });
    const { signal } = this.#stop;
    document.addEventListener("visibilitychange", () => document.hidden || this.look(), { signal });
    addEventListener("online", () => this.nudge(), { signal });
  }

  close() {
    this.#inbox.close();
    this.#stop.abort();
  }

  nudge() {
    this.#inbox.nudge();
  }

  retry() {
    this.#inbox.retry();
  }

  // Waits until the inbox is open, but not for long: how a sign-in ended is told to open ones alone, and only then.
  async opened() {
    if (this.connected) return;
    const open = new Promise((resolve) => { this.#awaited = resolve; });
    this.nudge();
    await Promise.race([open, new Promise((resolve) => { setTimeout(resolve, WAIT); })]);
  }

  // The same behind a call that nobody has answered.
  async reopened() {
    if (this.#inbox.doubt()) this.connected = undefined;
    await this.opened();
  }

  // The person looks at the page again, as after a tap on a notification.
  look() {
    this.nudge();
    this.#view?.onLook?.();
  }

  // Whether this page has answered a sign-in whose outcome has not come.
  get isAnswering() {
    return this.#answered.size > 0;
  }

  // What is shown when nothing waits: a function of the session that makes a view.
  rest(view) {
    this.#rest = view;
    this.#turn();
  }

  // A step that comes first: a function that makes a view, and is given what to call when the step is over.
  first(make) {
    this.#first = make(() => {
      this.#first = undefined;
      this.#turn();
    });
    this.#turn();
  }

  // A call of the API has failed. True if that was because the token is not known.
  isUnknown(error) {
    if (error?.status !== 401) return false;
    this.close();
    this.#on.onUnknown();
    return true;
  }

  // The daemon has taken this page's answer to the request `asked`. A computer that waits for Enter looks at it no sooner,
  // and says how it ended only then. A refusal stands at once: nobody approves this sign-in any more.
  handedOn(asked, refusal) {
    // The outcome may come before the word that the answer was taken.
    if (!this.#waiting.delete(asked.id)) return;
    asked.refusal = refusal;
    this.#answered.set(asked.id, asked);
    this.#quiet();
    if (refusal) this.#end(asked, refusal);
    else if (asked.enter) this.#end(asked, "enter");
  }

  // How the request `id` ended, as the daemon or the view of the request says it. The daemon's word, if it comes later,
  // goes before the view's, and is shown also if the person has put the view away.
  async ended(id, word) {
    const asked = this.#shown?.id === id ? this.#shown : this.#answered.get(id);
    this.#waiting.delete(id);
    if (word !== "unsure") this.#answered.delete(id);
    this.#quiet();
    if (this.#shown?.id !== id) this.#view.onMore?.(this.#waiting.size - 1);
    if (!asked || (this.#shown === asked && this.#ended === word)) return;
    // However it goes on without the phone, nothing is new to who has refused it, but that the phone is paused now, or that
    // somebody had got in just before.
    if (asked.refusal && word !== "reported" && word !== "accepted") return;
    if (word === "accepted" && await this.#on.onAccepted()) {
      if (this.#shown === asked) this.#shown = this.#ended = undefined;
      return;
    }
    if (this.#first || (this.#shown && this.#shown !== asked)) this.#unseen.push({ asked, word });
    else this.#end(asked, word);
  }

  // Nothing waits: no notification is needed.
  #quiet() {
    const isOver = () => this.#waiting.size === 0;
    if (isOver()) clear(isOver);
  }

  #end(asked, word) {
    this.#shown = asked;
    this.#ended = word;
    this.#show(outcome(word, asked, this.identity.provisional, () => {
      this.#shown = this.#ended = undefined;
      this.#turn();
    }));
  }

  #event(name, data) {
    if (name === "gone") this.ended(data.id, data.outcome);
    // One that the phone's clock, set right by the daemon's, says to be over is not asked.
    const isKnown = name === "request" || (name === "account" && typeof data.code === "string");
    if (!isKnown || !isRequest(data) || data.expires <= now()) return;
    const known = this.#waiting.get(data.id) ?? data;
    known.told = this.#opened;
    this.#waiting.set(data.id, known);
    this.#turn();
  }

  #turn() {
    const [next] = this.#waiting.values();
    if (this.#first) {
      if (this.#view !== this.#first) this.#show(this.#first);
    } else if (next && (!this.#shown || this.#ended)) {
      // What has taken its place comes at once, and may be all that tells of somebody with the password.
      if (this.#ended === "displaced") this.#unseen.push({ asked: this.#shown, word: this.#ended });
      this.#shown = next;
      this.#ended = undefined;
      this.#show(next.code ? this.#byAccount(next) : request(next, this));
      say(`${t.waits}. ${visible(next.host)}. ${t.isItYou}`);
    } else if (!this.#shown && this.#unseen.length > 0) {
      const { asked, word } = this.#unseen.shift();
      this.#end(asked, word);
    } else if (!this.#shown) {
      this.#show(this.#rest(this));
    }
    this.#view.onMore?.(this.#waiting.size - 1);
  }

  // An account approves it: the number leads to its provider. What the person says against it counts as a phone's.
  #byAccount(asked) {
    return approval(asked, {
      begin: (number) => api.beginAccount({ code: asked.code, number }),
      decline: async (isMistake) => {
        await api.decline(this.identity.token, asked.id, isMistake);
        this.handedOn(asked, isMistake ? "mistake" : "declined");
      },
      ended: (word) => this.#waiting.has(asked.id) && this.ended(asked.id, word),
    });
  }

  #show(view) {
    this.#view = view;
    show(view);
    view.onConnection?.(this.connected);
  }

  #connection(connected) {
    this.connected = connected;
    if (connected) {
      this.#opened += 1;
      this.#awaited();
    }
    this.#view?.onConnection?.(connected);
  }

  #complete() {
    for (const { id, told } of [...this.#waiting.values()]) if (told < this.#opened) this.ended(id, "cancelled");
  }
}
