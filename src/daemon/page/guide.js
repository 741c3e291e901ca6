// The way to the guide. In a window of its own: an app on the Home Screen has no way back.

import { el } from "./dom.js";
import { language, t } from "./texts.js";

export const guideLink = () => el("p", { class: "guide" },
  el("a", { href: `/guide?language=${language}`, target: "_blank", rel: "noopener" }, t.guide));
