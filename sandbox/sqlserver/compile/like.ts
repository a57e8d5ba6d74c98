import type { Collation } from "../values/collation";

/** Tests texts against a LIKE pattern: `%`, `_`, `[set]`, `[^set]` and an escape character. */
export function likeMatcher(pattern: string, escape: string, collation: Collation): (text: string) => boolean {
  const ignoreCase = collation.fold("A") === collation.fold("a");
  const expression = new RegExp(`^${toExpression(pattern, escape)}$`, ignoreCase ? "isu" : "su");
  return (text) => expression.test(text) || (text.endsWith(" ") && expression.test(text.replace(/ +$/, "")));
}

function toExpression(pattern: string, escape: string): string {
  const characters = Array.from(pattern);
  let expression = "";
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? "";
    if (escape !== "" && character === escape) expression += quote(characters[++i] ?? "");
    else if (character === "%") expression += ".*";
    else if (character === "_") expression += ".";
    else if (character === "[" && characters.indexOf("]", i + 1) > 0) {
      const end = characters.indexOf("]", i + 1);
      expression += setOf(characters.slice(i + 1, end));
      i = end;
    } else expression += quote(character);
  }
  return expression;
}

function setOf(characters: readonly string[]): string {
  const negated = characters[0] === "^";
  const inner = (negated ? characters.slice(1) : characters).map((c) => (c === "-" ? "-" : quote(c))).join("");
  return inner === "" ? "(?!)" : `[${negated ? "^" : ""}${inner}]`;
}

function quote(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}
