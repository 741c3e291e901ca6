// The field for the number that the computer shows.

import { el } from "./dom.js";

// Nothing but digits stays in it; `onChange` comes after each change.
export function numberField(digits, onChange) {
  const field = el("input", {
    id: "number", class: "number", inputmode: "numeric", pattern: "[0-9]*", autocomplete: "off", enterkeyhint: "done",
    maxlength: digits, size: digits, on: { input() {
      const typed = field.value.replace(/\D/g, "").slice(0, digits);
      if (typed !== field.value) field.value = typed;
      onChange();
    } },
  });
  field.style.setProperty("--digits", digits);
  return field;
}
