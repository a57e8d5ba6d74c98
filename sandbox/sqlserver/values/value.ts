import type { SqlType } from "./sql-type";

/** A moment with the offset that it was written with. */
export interface OffsetMoment {
  /** 100 ns ticks of the UTC moment since 0001-01-01. */
  readonly ticks: bigint;
  /** Minutes east of UTC. */
  readonly offset: number;
}

/** A value inside sql_variant, which keeps its own type. */
export interface Variant {
  readonly base: SqlType;
  readonly value: PlainValue;
}

/** Every value but sql_variant's. */
export type PlainValue = null | number | bigint | string | Buffer | OffsetMoment;

/**
 * A value as it is stored. By type: number for bit to int, real, float, date (days since 0001-01-01), time (100 ns
 * ticks), datetime (1/300 s since 1900) and smalldatetime (minutes since 1900); bigint for bigint, for decimal and
 * money (without the point) and for datetime2 (100 ns ticks since 0001); string for text, xml and uniqueidentifier
 * (upper case); Buffer for binary types.
 */
export type Value = PlainValue | Variant;

/** A row: one value per column, by position. */
export type Values = readonly Value[];

/** Narrow what the type of an expression has promised. */
export const as = {
  number: (value: Value): number => value as number,
  bigint: (value: Value): bigint => value as bigint,
  text: (value: Value): string => value as string,
  bytes: (value: Value): Buffer => value as Buffer,
  moment: (value: Value): OffsetMoment => value as OffsetMoment,
  variant: (value: Value): Variant => value as Variant,
};

/** A text or number as it reads; other values have no such form. */
export function plainText(value: Value | undefined): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}
