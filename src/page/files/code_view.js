// A code with a ring that runs down in 30 seconds, for when the usual way fails. It needs no network.

import { now } from "./clock.js";
import { codeAt, codeKey, PERIOD } from "./codes.js";
import { button, el, heading, svg } from "./dom.js";
import { show } from "./screen.js";
import { t } from "./texts.js";

// A button that appears where there is a key of codes. `back` shows again what was there before.
export function codeButton(back) {
  const place = el("div", { class: "code-button" });
  codeKey().then((key) => key && place.append(button(t.showCode, "plain", () => show(codeView(key, back)))));
  return place;
}

function codeView(key, back) {
  // Two groups, as people read numbers; a screen reader gets them as one.
  const halves = [el("span"), el("span")];
  const left = el("p", { class: "soft" });
  const ring = svg("circle", { class: "ring-left", cx: 60, cy: 60, r: 54, pathLength: PERIOD });
  let shown;

  async function tick() {
    const seconds = now();
    const rest = PERIOD - Math.floor(seconds) % PERIOD;
    ring.style.setProperty("--left", rest);
    left.textContent = t.codeLeft(rest);
    const code = await codeAt(key, seconds);
    if (code === shown) return;
    shown = code;
    halves[0].textContent = code.slice(0, 3);
    halves[1].textContent = code.slice(3);
  }

  const ticking = setInterval(tick, 1_000);
  tick();
  return {
    title: t.codes,
    node: el("section", { class: "card middle" },
      heading(t.codes),
      el("p", { class: "lead" }, t.codesLead),
      el("p", { class: "code", id: "code" }, ...halves),
      svg("svg", { class: "ring", viewBox: "0 0 120 120", "aria-hidden": "true" },
        svg("circle", { class: "ring-whole", cx: 60, cy: 60, r: 54 }), ring),
      left,
      button(t.back, "plain", back)),
    close: () => clearInterval(ticking),
  };
}
