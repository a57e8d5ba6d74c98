/**
 * Log sequence number of SQL Server: 10 bytes as 20 lower-case hex digits, whose text order is the log's order.
 * Those of one database can be compared with each other, those of two databases can't.
 */
export type Lsn = string & { readonly __brand: "Lsn" };

const HEX_20 = /^[0-9a-f]{20}$/;

/** Before every LSN; what `fn_cdc_get_min_lsn` answers for an instance that isn't there. */
export const NO_LSN = "0".repeat(20) as Lsn;

/** The text, with or without `0x`, as an LSN; undefined when it isn't 20 hex digits. */
export function parseLsn(text: string): Lsn | undefined {
  const digits = text.toLowerCase().replace(/^0x/, "");
  return HEX_20.test(digits) ? (digits as Lsn) : undefined;
}

/** The LSN right after, as `fn_cdc_increment_lsn`. */
export function nextLsn(lsn: Lsn): Lsn {
  return (BigInt(`0x${lsn}`) + 1n).toString(16).padStart(20, "0") as Lsn;
}

/** The LSN right before, as `fn_cdc_decrement_lsn`. */
export function previousLsn(lsn: Lsn): Lsn {
  return lsn === NO_LSN ? lsn : ((BigInt(`0x${lsn}`) - 1n).toString(16).padStart(20, "0") as Lsn);
}

/** Later of the two. */
export function laterLsn(one: Lsn, other: Lsn): Lsn {
  return one < other ? other : one;
}
