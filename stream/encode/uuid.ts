import type { Codec } from "./codec";

const UUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;

/** `uuid` from a uniqueidentifier, in any case, with or without braces. */
export const uuidCodec: Codec = {
  encode: (text) => (UUID.test(text) && text.startsWith("{") === text.endsWith("}") ? text : undefined),
  explain: () => "is not a uniqueidentifier (8-4-4-4-12 hex digits)",
  canonical: (copyText) => copyText.toLowerCase().replace(/[{}]/g, ""),
};
