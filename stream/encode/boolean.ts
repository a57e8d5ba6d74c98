import type { Codec } from "./codec";

const TRUE = /^(?:1|true|t)$/i;
const FALSE = /^(?:0|false|f)$/i;

/** `boolean` from a bit: 0, 1, true or false in any case. */
export const booleanCodec: Codec = {
  encode(text) {
    if (text === "1") return "t";
    if (text === "0") return "f";
    if (TRUE.test(text)) return "t";
    return FALSE.test(text) ? "f" : undefined;
  },
  explain: () => "is not a boolean: 0, 1, true or false is expected",
};
