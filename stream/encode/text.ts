import type { Codec } from "./codec";

// Characters that COPY text must escape, that PostgreSQL cannot store (NUL), and halves of surrogate pairs.
const SPECIAL = /[\\\n\r\t\0\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ESCAPED = /[\\\n\r\t]/g;
const ESCAPES: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with COPY's escapes, or undefined when PostgreSQL cannot store it. */
export function escapeText(text: string): string | undefined {
  if (!SPECIAL.test(text)) return text;
  if (text.includes("\0") || LONE_SURROGATE.test(text)) return undefined;
  return text.replace(ESCAPED, (character) => ESCAPES[character] ?? character);
}

/** Why {@link escapeText} refused. */
export function explainText(text: string): string {
  if (text.includes("\0")) return "holds a NUL character, which PostgreSQL cannot store";
  return "holds half of a surrogate pair, which is not a character";
}

/** `text` and every type that we do not know: the server judges the latter. */
export const textCodec: Codec = { encode: escapeText, explain: explainText };

/** `varchar(n)`: longer texts are refused, trailing blanks included, which PostgreSQL would cut silently. */
export function varcharCodec(characters: number): Codec {
  return {
    encode: (text) => (fits(text, characters) ? escapeText(text) : undefined),
    explain: (text) =>
      fits(text, characters)
        ? explainText(text)
        : `has ${String(characterCount(text))} characters, more than ${String(characters)}`,
  };
}

/** `char(n)`: as varchar(n); trailing blanks make no difference in comparisons. */
export function charCodec(characters: number): Codec {
  return { ...varcharCodec(characters), canonical: (copyText) => copyText.replace(/ +$/, "") };
}

function fits(text: string, characters: number): boolean {
  return text.length <= characters || characterCount(text) <= characters;
}

// PostgreSQL counts characters, JavaScript and SQL Server's nvarchar count UTF-16 units.
function characterCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const isPair = unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    if (isPair) index += 1;
    count += 1;
  }
  return count;
}
