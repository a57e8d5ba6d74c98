import { types } from "rhea";

/** rhea's makers of typed values; their declarations are incomplete. */
const makers = types as unknown as {
  wrap_array(values: readonly unknown[], code: number): unknown;
  wrap_timestamp(milliseconds: number): unknown;
  wrap_uuid(bytes: Buffer): unknown;
  wrap_int(value: number): unknown;
  wrap_symbol(text: string): unknown;
};

const TIMESTAMP = 0x83;
const LONG = 0x81;

export function timestamp(milliseconds: number): unknown {
  return makers.wrap_timestamp(milliseconds);
}

export function timestamps(milliseconds: readonly number[]): unknown {
  return makers.wrap_array(milliseconds, TIMESTAMP);
}

export function longs(values: readonly number[]): unknown {
  return makers.wrap_array(values, LONG);
}

export function uuid(token: string): unknown {
  return makers.wrap_uuid(Buffer.from(token.replaceAll("-", ""), "hex"));
}

export function int(value: number): unknown {
  return makers.wrap_int(value);
}

export function symbolOf(text: string): unknown {
  return makers.wrap_symbol(text);
}
