// The start page when nothing waits: that it is so, codes, what was missed, Recent activity, the ways to sign in,
// notifications.

import { activityList } from "./activity.js";
import * as api from "./api.js";
import { callSection, otherWay } from "./calls.js";
import { codeButton } from "./code_view.js";
import { around, button, el, heading } from "./dom.js";
import { eventView } from "./event.js";
import { explain } from "./faults.js";
import { missedSection } from "./missed.js";
import { pauseSection } from "./pause.js";
import * as push from "./push.js";
import { show } from "./screen.js";
import { t } from "./texts.js";
import { wayList } from "./ways.js";

export function home(session) {
  const { token, user, host } = session.identity;
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const state = el("span", {}, t.connecting);
  const offline = el("div");
  const back = () => session.rest(home);
  const open = (event) => show(eventView(event, session, back));
  // What needs the person stands first, is read out when it comes, and takes no place without.
  const paused = el("div", { class: "slot", role: "status" });
  const missed = el("div", { class: "slot", role: "status" });

  const recent = part(t.recent, session, async () => {
    const { events } = await api.activity(token);
    put(missed, await missedSection(events, session, back));
    return activityList(events, user, open);
  });
  const ways = part(t.ways, session, async () => {
    const me = await api.me(token);
    put(paused, pauseSection(me, session));
    return wayList(me);
  });
  const fill = () => [recent, ways].forEach((each) => each.fill());
  fill();

  const node = el("div", { class: "sections" },
    paused,
    missed,
    el("section", { class: "card middle" },
      heading(t.nothing),
      el("p", { class: "lead" }, around(t.nothingLead, host)),
      el("p", { class: "connection", role: "status" }, dot, state),
      offline,
      codeButton(back)),
    recent.node,
    ways.node,
    el("section", { class: "card" },
      el("h2", {}, t.notifications), callSection(session, { withOff: true }), otherWay(session)));

  // The browser may have changed where it is called since the last time.
  push.isOn().then((isOn) => isOn && push.tell(token)).catch(() => {});

  // Whether there has been a connection since this was filled, and whether it has gone.
  let hasBeen = false;
  let isOld = false;
  let isAway = false;
  return {
    node,
    title: "",
    onConnection(connected) {
      dot.classList.toggle("on", connected === true);
      state.textContent = connected === undefined ? t.connecting : connected ? t.connected : t.lost;
      if ((connected === false) !== isAway) put(offline, isAway ? undefined : whatNow(session));
      isAway = connected === false;
      // Much may have happened meanwhile, and what failed for want of a connection no longer does.
      if (connected && isOld) fill();
      isOld = connected ? false : isAway || hasBeen;
      hasBeen ||= connected;
    },
    // The person has come back to the page.
    onLook: fill,
  };
}

const put = (place, node) => place.replaceChildren(...(node ? [node] : []));

const whatNow = (session) => el("div", {},
  el("p", { class: "soft" }, t.offlineLead), button(t.tryNow, "plain", () => session.retry()));

// A section that shows what `load` brings. Filled again, it keeps what it has until there is something newer.
function part(title, session, load) {
  const place = el("div", { "aria-busy": "true" }, el("p", { class: "soft" }, t.loading));
  let isEmpty = true;
  async function fill() {
    try {
      place.replaceChildren(await load());
      isEmpty = false;
    } catch (error) {
      if (session.isUnknown(error) || !isEmpty) return;
      place.replaceChildren(el("p", { class: "soft" }, explain(error)), button(t.tryNow, "plain", fill));
    } finally {
      place.removeAttribute("aria-busy");
    }
  }
  return { node: el("section", { class: "card" }, el("h2", {}, title), place), fill };
}
