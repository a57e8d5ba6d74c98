import type { Codec } from "./codec";
import { escapeText } from "./text";

// An even number of backslashes before it would be an escaped backslash and a plain "u0000".
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** `jsonb` from a text that is JSON, or from an object or array in `data` as it stands. */
export const jsonbCodec: Codec = {
  encode: (text) => (problemOf(text) === undefined ? escapeText(text) : undefined),
  explain: (text) => problemOf(text) ?? "holds a character that PostgreSQL cannot store",
  fromObject: (value) => JSON.stringify(value),
};

function problemOf(text: string): string | undefined {
  if (ESCAPED_NUL.test(text)) return "holds \\u0000, which jsonb cannot store";
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return "is not JSON";
  }
}
