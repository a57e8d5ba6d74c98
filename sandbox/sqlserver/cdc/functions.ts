import { sqlError } from "../errors";
import type { FunctionSpec, FunctionTable } from "../compile/functions/builder";
import { reading, scalar } from "../compile/functions/builder";
import type { Context } from "../compile/context";
import { lsnBytes, lsnOf, type Lsn } from "../storage/lsn";
import { nvarchar, T, varbinary } from "../values/sql-type";
import { as, type Value } from "../values/value";
import { isBitSet, maxLsn } from "./capture";
import { mappingRows } from "./cleanup";
import { minLsn } from "./enable";
import type { CdcState } from "./state";

const text = (value: Value | undefined) => as.text(value ?? "");

function stateOf({ database }: Context): CdcState {
  if (!database.cdc) throw sqlError(208, "cdc.lsn_time_mapping");
  return database.cdc;
}

const step = (by: bigint): FunctionSpec =>
  scalar([T.lsn], T.lsn, ([lsn]) => {
    const next = lsnOf(as.bytes(lsn ?? null)) + by;
    return lsnBytes(next < 0n ? 0n : BigInt.asUintN(80, next));
  });

/** On equal times the smallest LSN is the answer to "greater", the largest to "less". */
function mapTime([operator, time]: readonly Value[], context: Context): Value {
  const rows = mappingRows(stateOf(context));
  const wanted = as.number(time ?? null);
  let found: { readonly lsn: Lsn } | undefined;
  switch (text(operator).trim().toLowerCase()) {
    case "largest less than":
      found = rows.filter(({ endedAt }) => endedAt < wanted).at(-1);
      break;
    case "largest less than or equal":
      found = rows.filter(({ endedAt }) => endedAt <= wanted).at(-1);
      break;
    case "smallest greater than":
      found = rows.find(({ endedAt }) => endedAt > wanted);
      break;
    case "smallest greater than or equal":
      found = rows.find(({ endedAt }) => endedAt >= wanted);
      break;
    default:
      return null;
  }
  return found ? lsnBytes(found.lsn) : null;
}

function columnOrdinal(instance: Value | undefined, column: Value | undefined, context: Context): number | undefined {
  const found = context.database.cdc?.instance(text(instance));
  return found?.columns.find(({ name }) => name.toLowerCase() === text(column).toLowerCase())?.ordinal;
}

/** Scalar functions sys.fn_cdc_…, by upper-case name. */
export const CDC_FUNCTIONS: FunctionTable = {
  FN_CDC_GET_MAX_LSN: reading(T.lsn, (context) => {
    const lsn = maxLsn(stateOf(context));
    return lsn === 0n ? null : lsnBytes(lsn);
  }),
  FN_CDC_GET_MIN_LSN: scalar([T.sysname], T.lsn, ([instance], { database }) =>
    lsnBytes(minLsn(database, text(instance))),
  ),
  FN_CDC_INCREMENT_LSN: step(1n),
  FN_CDC_DECREMENT_LSN: step(-1n),
  FN_CDC_MAP_TIME_TO_LSN: scalar([nvarchar(30), T.datetime], T.lsn, mapTime),
  FN_CDC_MAP_LSN_TO_TIME: scalar([T.lsn], T.datetime, ([lsn], context) => {
    const wanted = lsnOf(as.bytes(lsn ?? null));
    return mappingRows(stateOf(context)).find((row) => row.lsn === wanted)?.endedAt ?? null;
  }),
  FN_CDC_IS_BIT_SET: scalar([T.int, varbinary(128)], T.bit, ([position, mask]) =>
    isBitSet(Number(position), as.bytes(mask ?? null)) ? 1 : 0,
  ),
  FN_CDC_GET_COLUMN_ORDINAL: scalar(
    [T.sysname, T.sysname],
    T.int,
    ([instance, column], context) => columnOrdinal(instance, column, context) ?? null,
  ),
  FN_CDC_HAS_COLUMN_CHANGED: scalar(
    [T.sysname, T.sysname, varbinary(128)],
    T.bit,
    ([instance, column, mask], context) => {
      const ordinal = columnOrdinal(instance, column, context);
      return ordinal === undefined ? null : isBitSet(ordinal, as.bytes(mask ?? null)) ? 1 : 0;
    },
  ),
};
