// How a sign-in ended, as the computer said it. It stays until the person has seen it.

import { around, button, el, heading, svg } from "./dom.js";
import { t } from "./texts.js";

const SIGNS = {
  yes: "M14 25l7 7 14-15",
  no: "M16 16l16 16M32 16L16 32",
  time: "M24 14v11l7 4",
  key: "M33 15v9H15m6-6l-6 6 6 6",
};

// `enter`: the answer is sent, and the computer looks at it when somebody presses Enter there.
const SIGN_OF = { accepted: "yes", expired: "time", unsure: "time", enter: "key" };

export function outcome(word, asked, isTrial, onSeen) {
  const [title, sentence] =
    (isTrial && t.trialEnded[word]) || (Object.hasOwn(t.ended, word) ? t.ended[word] : t.ended.refused);
  const kind = SIGN_OF[word] ?? "no";
  return {
    title,
    node: el("section", { class: "card middle" },
      sign(kind),
      heading(title),
      el("p", { class: "lead" }, around(sentence, asked.host)),
      button(t.ok, "main", onSeen)),
  };
}

// A circle with a tick, a cross, hands or the arrow of the Enter key: never the colour alone.
export function sign(kind) {
  return svg("svg", { class: `sign ${kind}`, viewBox: "0 0 48 48", "aria-hidden": "true" },
    svg("circle", { cx: 24, cy: 24, r: 22 }),
    svg("path", { d: SIGNS[kind] }));
}
