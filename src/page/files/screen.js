// One view at a time. A view is `{ title, node, focus, close }`: `focus` is where the person goes on, `close` stops what
// the view has running.

import { outside } from "./dom.js";
import { t, whole } from "./texts.js";

const place = document.getElementById("view");
const said = document.getElementById("said");

let current = {};

export function show(view) {
  current.close?.();
  current = view;
  said.textContent = "";
  place.replaceChildren(view.node);
  document.title = view.title ? `${whole(view.title)} – ${t.home}` : t.home;
  scrollTo(0, 0);
  (view.focus ?? view.node.querySelector("h1"))?.focus({ preventScroll: true });
}

// Reads `text` out to those who do not see the page.
export function say(text) {
  // The same text twice would not be read again.
  said.textContent = "";
  setTimeout(() => { said.textContent = whole(text); }, 50);
}

// Whose page it is, at the top; nobody's without a text.
export function whose(text) {
  document.getElementById("whose").replaceChildren(text ? outside(text) : t.home);
}
