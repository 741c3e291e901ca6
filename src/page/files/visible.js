// Text from outside, made safe to look at: what turns, hides or breaks text is shown by its number instead, so that a
// trick stays visible. It is set as text and never as markup anyway.

const LONGEST = 128;
// Controls and formats, line and paragraph separators, private use, half surrogates, and whatever takes no place on a
// screen or turns the text around. The core decides by the same rule, and its test reads this line.
export const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu;

export function visible(text) {
  const characters = Array.from(String(text ?? ""));
  const shown = characters.slice(0, LONGEST).map((character) =>
    character.search(HIDDEN) === 0
      ? `[U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`
      : character);
  if (characters.length > LONGEST) shown.push("…");
  return shown.join("");
}
