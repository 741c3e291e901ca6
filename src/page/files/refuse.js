// "It's not me": was it a mistake, or does somebody else try? The one refuses this sign-in and nothing more, the other is
// reported to the administrator too, and the phone is not asked again for a while.

import { button, el } from "./dom.js";
import { t } from "./texts.js";

// `onSay(isMistake)` comes when the person has chosen; `back` shows again what was there before.
export function refuseQuestion(onSay, back) {
  const title = el("h2", { tabindex: "-1" }, t.whyNot);
  const choice = (name, hint, isMistake) =>
    el("button", { type: "button", class: "plain choice", on: { click: () => onSay(isMistake) } },
      name, el("small", {}, hint));
  return {
    title,
    node: el("div", { class: "why" },
      title,
      choice(t.unknownSignIn, t.unknownSignInHint, false),
      choice(t.mistake, t.mistakeHint, true),
      button(t.back, "plain", back)),
  };
}
