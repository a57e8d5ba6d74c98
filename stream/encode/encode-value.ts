import { Rejection, shown } from "../rejection";
import type { Codec } from "./codec";

/** A column's value as it stands in an envelope, in COPY text. Not for null and undefined. */
export function encodeValue(codec: Codec, value: unknown): string | Rejection {
  if (typeof value === "string") return codec.encode(value) ?? new Rejection(`${shown(value)} ${codec.explain(value)}`);
  const text = scalarText(codec, value);
  if (text === undefined) return new Rejection(refusal(value));
  return codec.encode(text) ?? new Rejection(`${shown(text)} ${codec.explain(text)}`);
}

function scalarText(codec: Codec, value: unknown): string | undefined {
  if (typeof value === "number") return codec.fromNumber === undefined ? String(value) : codec.fromNumber(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "object" && value !== null) return codec.fromObject?.(value);
  return undefined;
}

function refusal(value: unknown): string {
  if (typeof value === "number")
    return `${String(value)} is a JSON number, which may have lost digits: send it as text`;
  return Array.isArray(value) ? "is an array, a text is expected" : "is an object, a text is expected";
}
