// Elements without markup: `el("p", { class: "lead" }, "text")`. Strings become text nodes.

import { visible } from "./visible.js";

// Of private use: it is in no sentence of ours.
const PLACE = "\ue000";
const SVG = "http://www.w3.org/2000/svg";

// `on` holds listeners by event; `true` and `false` set and leave out an attribute.
export function el(tag, { on = {}, ...attributes } = {}, ...children) {
  return fill(document.createElement(tag), on, attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), {}, attributes, children);
}

function fill(node, on, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

// Text from outside: it cannot turn the text around it either. A long name or address goes on in the next line where its
// parts end: at a space without width, since a screen reader would stop at each <wbr>.
export const outside = (text) => el("bdi", {}, visible(text).replace(/[.:@/\]]+(?!$)/g, "$&\u200b"));

// `sentence(name)` around a text from outside, which stays one.
export function around(sentence, text) {
  const [before, after] = sentence(PLACE).split(PLACE);
  return el("span", {}, before, after === undefined ? undefined : outside(text), after);
}

// A heading that takes the focus when its view comes, so that a screen reader begins there.
export const heading = (text) => el("h1", { tabindex: "-1" }, text);

// A place for what happens, read out when it changes. It must be in the page before it is filled.
export const report = () => el("p", { class: "report", role: "status" });

// A button that cannot be pressed twice while `action` runs.
export function button(text, kind, action) {
  const node = el("button", { type: "button", class: kind, on: {
    async click() {
      if (node.getAttribute("aria-disabled")) return;
      node.setAttribute("aria-disabled", "true");
      try {
        await action(node);
      } finally {
        node.removeAttribute("aria-disabled");
      }
    },
  } }, text);
  return node;
}
