// A sign-in or an enrolment that is approved with the organisation's account: which part of the page's address leads to
// which view. `/a/CODE` stands on the terminal, `/a#TICKET` on that of an enrolment, and the provider sends the browser back
// to `/account/NAME`. The first asks for the number and sends the browser away, the last brings what it came back with.

import * as api from "./api.js";
import { approval, invitation } from "./account_begin.js";
import { checking, closing, goOn, notHere } from "./account_end.js";
import { fromBase64url } from "./bytes.js";
import { now } from "./clock.js";
import { explain } from "./faults.js";
import { outcome } from "./outcome.js";
import * as providers from "./providers.js";
import { isRequest } from "./request.js";
import { show, whose } from "./screen.js";
import { t } from "./texts.js";

// People may leave out the hyphen.
const CODE = /^\/a\/([a-z2-7]{5})-?([a-z2-7]{5})\/?$/i;
const BACK = /^\/account\/([a-z][a-z0-9-]*)$/;
// What the daemon says to a browser that it does not know, and what is said while it is not there, by itself or a proxy.
const UNKNOWN = [403, 404];
const AWAY = [0, 502, 503, 504];
const PATIENCE = 30_000;
const PAUSE = 2_000;

// What the address leads to. It may hold a ticket or a code of the provider's, so the address bar and the history forget it
// at once; not the code of a sign-in, which stands on the terminal.
export function takeAccountLink() {
  const { pathname, hash, search } = location;
  const code = CODE.exec(pathname);
  if (code) return { code: `${code[1]}-${code[2]}`.toLowerCase() };
  const provider = BACK.exec(pathname)?.[1];
  if (provider) {
    const answer = new URLSearchParams(hash.length > 1 ? hash.slice(1) : search);
    history.replaceState(null, "", "/a");
    return { provider, answer };
  }
  if (pathname !== "/a" && !pathname.startsWith("/a/")) return undefined;
  const ticket = hash.slice(1);
  history.replaceState(null, "", "/a");
  return { ticket };
}

// The daemon's word on what the provider has answered. It is asked again while it cannot be reached for a moment, or has
// no word yet: `ask(wasLost)`.
async function patiently(ask) {
  const view = checking();
  show(view);
  const until = Date.now() + PATIENCE;
  let wasLost = false;
  for (;;) {
    try {
      const signed = await ask(wasLost);
      if (!signed.pending) return signed;
      view.state.textContent = "";
    } catch (error) {
      if (!AWAY.includes(error.status) || Date.now() > until) throw error;
      wasLost = true;
      view.state.textContent = t.lostWhileWaiting;
    }
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  }
}

// `goHome()` shows what this browser shows otherwise; there is none where it is no phone.
export async function account(link, goHome) {
  if (!providers.areKnown) return show(notHere(t.account.noProviders));
  const leave = () => (goHome ? goHome() : show(closing()));
  if (link.provider) return comeBack(link, leave);
  if (link.code) return bySign(link.code, leave);
  if (link.ticket) return byTicket(link.ticket);
  // Nothing in the address: perhaps this browser has come back from a provider, and has loaded the page again.
  try {
    goOn(await patiently(api.resumeAccount), leave);
  } catch (error) {
    show(notHere(UNKNOWN.includes(error.status) ? t.account.badAddress : explain(error)));
  }
}

async function bySign(code, leave) {
  try {
    const asked = await api.lookAccount({ code });
    if (!isRequest({ id: code, ...asked }) || asked.expires <= now()) return show(notHere(t.account.badAddress));
    whose(`${asked.user}@${asked.host}`);
    show(approval(asked, {
      begin: (number) => api.beginAccount({ code, number }),
      decline: (mistake) => api.declineAccount(code, mistake),
      ended: (word) => show(outcome(word, asked, false, leave)),
    }));
  } catch (error) {
    show(notHere(error.status === 404 ? t.account.badAddress : explain(error)));
  }
}

async function byTicket(ticket) {
  try {
    fromBase64url(ticket);
    const invited = await api.lookAccount({ ticket });
    whose(`${invited.user}@${invited.host}`);
    show(invitation(invited, () => api.beginAccount({ ticket })));
  } catch (error) {
    const isUnknown = !("status" in error) || error.status === 404;
    show(notHere(isUnknown ? t.account.badTicket : explain(error)));
  }
}

async function comeBack({ provider, answer }, leave) {
  const [state, code, error, iss] = ["state", "code", "error", "iss"].map((name) => answer.get(name) ?? undefined);
  if (!state) return show(notHere(t.account.otherBrowser));
  // What the provider says in its own words is not read. It counts once: if the daemon's first word was lost on its way, it
  // knows this browser by its cookie.
  const bring = (wasLost) => api.returnAccount({ provider, state, code, error, iss }).catch((problem) => {
    if (wasLost && problem.status === 403) return api.resumeAccount();
    throw problem;
  });
  try {
    goOn(await patiently(bring), leave);
  } catch (problem) {
    show(notHere(problem.status === 403 ? t.account.otherBrowser : problem.status === 404 ? t.account.late : explain(problem)));
  }
}
