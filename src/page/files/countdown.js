// How much time there is left for a sign-in that waits.

import { now } from "./clock.js";
import { el } from "./dom.js";
import { t } from "./texts.js";

// `onSecond(seconds)` comes every second, at first when all else is there.
export function countdown({ issued, expires }, onSecond) {
  const left = el("span");
  const bar = el("div", { class: "bar-left" });

  function tick() {
    const seconds = Math.max(0, Math.ceil(expires - now()));
    left.textContent = t.left(seconds);
    bar.style.setProperty("--left", Math.min(1, seconds / Math.max(1, expires - issued)));
    onSecond(seconds);
  }

  const ticking = setInterval(tick, 1_000);
  tick();
  return {
    node: el("div", { class: "left" }, el("div", { class: "bar", "aria-hidden": "true" }, bar), left),
    stop: () => clearInterval(ticking),
  };
}
