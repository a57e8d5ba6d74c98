import type { Codec } from "./codec";

const HEX = /^(?:0[xX])?((?:[0-9a-fA-F]{2})*)$/;
const BASE64_PREFIX = "base64:";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * `bytea` from binary, varbinary, rowversion, hierarchyid, geometry and the like: hex digits, with or without `0x`;
 * or base64 behind the prefix `base64:`. Nothing is guessed: `deadbeef` is always hex.
 */
export const byteaCodec: Codec = {
  encode(text) {
    if (text.startsWith(BASE64_PREFIX)) return fromBase64(text.slice(BASE64_PREFIX.length));
    const digits = HEX.exec(text)?.[1];
    return digits === undefined ? undefined : `\\\\x${digits}`;
  },
  explain: (text) =>
    text.startsWith(BASE64_PREFIX)
      ? "is not base64"
      : 'is not hex: pairs of hex digits, with or without 0x, or "base64:" and base64 are expected',
  // Digits were read as a number: leading zeros are gone.
  fromNumber: () => undefined,
  canonical: (copyText) => copyText.toLowerCase(),
};

function fromBase64(text: string): string | undefined {
  return BASE64.test(text) ? `\\\\x${Buffer.from(text, "base64").toString("hex")}` : undefined;
}
