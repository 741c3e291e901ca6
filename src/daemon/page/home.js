// The start page when nothing waits: that it is so, codes, Recent activity, the ways to sign in, notifications.

import { activityList } from "./activity.js";
import * as api from "./api.js";
import { callSection, otherWay } from "./calls.js";
import { codeButton } from "./code_view.js";
import { button, el, heading } from "./dom.js";
import { eventView } from "./event.js";
import { explain } from "./faults.js";
import * as push from "./push.js";
import { show } from "./screen.js";
import { t } from "./texts.js";
import { visible } from "./visible.js";
import { wayList } from "./ways.js";

export function home(session) {
  const { token, host } = session.identity;
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const state = el("span", {}, t.connecting);
  const offline = el("p", { class: "soft" });
  const back = () => session.rest(home);
  const codes = codeButton(back);
  const open = (event) => show(eventView(event, session, back));

  const node = el("div", { class: "sections" },
    el("section", { class: "card middle" },
      el("div", { class: "calm", "aria-hidden": "true" }),
      heading(t.nothing),
      el("p", { class: "lead" }, t.nothingLead(visible(host))),
      el("p", { class: "connection", role: "status" }, dot, state),
      offline,
      codes),
    part(t.recent, () => api.activity(token), ({ events }) => activityList(events, session.identity.user, open), session),
    part(t.ways, () => api.me(token), wayList, session),
    el("section", { class: "card" },
      el("h2", {}, t.notifications), callSection(session, { withOff: true }), otherWay(session)));

  // The browser may have changed where it is called since the last time.
  push.isOn().then((isOn) => isOn && push.tell(token)).catch(() => {});

  return {
    node,
    title: "",
    onConnection(connected) {
      dot.classList.toggle("on", connected === true);
      state.textContent = connected === undefined ? t.connecting : connected ? t.connected : t.lost;
      offline.textContent = connected === false ? t.offlineLead : "";
    },
  };
}

// A section that fills when `load` has brought what `make` shows.
function part(title, load, make, session) {
  const place = el("div", { "aria-busy": "true" });
  async function fill() {
    place.replaceChildren(el("p", { class: "soft" }, t.loading));
    try {
      place.replaceChildren(make(await load()));
    } catch (error) {
      if (session.isUnknown(error)) return;
      place.replaceChildren(el("p", { class: "soft" }, explain(error)), button(t.again, "plain", fill));
    } finally {
      place.removeAttribute("aria-busy");
    }
  }
  fill();
  return el("section", { class: "card" }, el("h2", {}, title), place);
}
