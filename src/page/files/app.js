// Start: what does this browser have, and so what is shown first? A link from a QR code begins an enrolment, and one from the
// terminal an approval with an account; a kept identity opens the inbox; else a passkey can bring one back.

import { account, takeAccountLink } from "./account.js";
import { enroll, takeLink } from "./enroll.js";
import { home } from "./home.js";
import * as push from "./push.js";
import { renewal } from "./renew.js";
import { show, whose } from "./screen.js";
import { Session } from "./session.js";
import { forget, keep, load } from "./store.js";
import { language } from "./texts.js";
import { done, notify, trial, unfinished } from "./trial.js";

let session;

// Until its trial is right. A page that was closed in the middle never sees that: later, a token that still serves was kept.
const isProvisional = (identity) => identity.provisional > Date.now();

function leave() {
  session?.close();
  session = undefined;
  whose("");
}

function lost(identity) {
  leave();
  if (!isProvisional(identity)) return show(renewal(identity, begin));
  // Root did not keep the phone: its passkey and what else was stored with it are worth nothing.
  forget("identity");
  forget("code");
  show(unfinished());
}

function begin(identity) {
  leave();
  session = new Session(identity, { onUnknown: () => lost(identity), onAccepted: accepted });
  if (!isProvisional(identity)) return session.rest(home);
  session.first((then) => notify(session, then));
  session.rest(trial);
}

// With the trial right, the phone counts from now on.
async function accepted() {
  if (!session.identity.provisional) return false;
  delete session.identity.provisional;
  await keep("identity", session.identity);
  session.first((then) => done(session, then));
  session.rest(home);
  return true;
}

// What stands in the address has served.
function goHome(identity) {
  history.replaceState(null, "", "/");
  begin(identity);
}

async function start() {
  document.documentElement.lang = language;
  push.start(() => session?.look());
  const atAccount = takeAccountLink();
  const link = takeLink();
  // A browser that keeps nothing says so when there is something to keep.
  const identity = await load("identity").catch(() => undefined);
  if (atAccount) await account(atAccount, identity && (() => goHome(identity)));
  else if (link) {
    const view = await enroll(link, identity, begin);
    if (view) show(view);
  } else if (identity) begin(identity);
  else show(renewal(undefined, begin));
}

start();
