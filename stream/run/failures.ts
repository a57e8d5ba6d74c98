import type { PgConfig } from "../../databases/postgres/config";
import { errorCode, toCdcError } from "../../databases/postgres/errors";
import { errorNumber } from "../../databases/sqlserver/errors";
import { CdcError } from "../../lib/errors";
import { SQLSTATE } from "../../sql/sqlstates";
import { CarefulNeeded } from "../copy/careful-needed";
import type { StreamProblem } from "../stream-events";
import { plainProblem } from "./state-store";

/** Where something failed. */
export type Side = "source" | "sink";

/** Something that failed at one side, with the table it was about, when it was about one. */
export class StreamFailure extends Error {
  override readonly name = "StreamFailure";

  constructor(
    readonly side: Side,
    /** `schema.table` in the sink. */
    readonly table: string | undefined,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * What to do about a failure: `careful`: do the window again row by row; `table`: stop that table, the others go on;
 * `fenced`: another process may have taken over; `retry`: the source again after a pause.
 */
export type Remedy = "careful" | "table" | "fenced" | "retry";

/** Errors of SQL Server that a single change table is to blame for: it isn't there, may not be read, has other columns. */
const TABLE_NUMBERS = new Set([207, 208, 229, 230]);
const TABLE_CODES = new Set([
  "CDC_SOURCE_GAP",
  "CDC_SOURCE_CHANGES_BROKEN",
  "CDC_SOURCE_NO_INSTANCE",
  "CDC_SOURCE_DRIFT",
]);
const ROW_ERROR = /^(?:22|23|54|P0001)/;
/** What is missing, misnamed or forbidden in the sink, or isn't what was deployed. */
const OBJECT_ERROR = /^(?:42|0A|CDC08)/;

/** What to do about it. */
export function remedyOf(failure: unknown): Remedy {
  if (!(failure instanceof StreamFailure)) return "retry";
  const { side, table, cause } = failure;
  if (cause instanceof CarefulNeeded) return "careful";
  if (table === undefined) return errorCode(cause) === SQLSTATE.staleLease ? "fenced" : "retry";
  return side === "source" ? ofSource(cause) : ofSink(cause);
}

function ofSource(cause: unknown): Remedy {
  return isOfOneTable(cause) ? "table" : "retry";
}

/** True for an error of the source that a single table is to blame for. */
export function isOfOneTable(cause: unknown): boolean {
  if (cause instanceof CdcError && TABLE_CODES.has(cause.code)) return true;
  return TABLE_NUMBERS.has(errorNumber(cause) ?? 0);
}

function ofSink(cause: unknown): Remedy {
  const code = errorCode(cause) ?? "";
  if (code === SQLSTATE.staleLease) return "fenced";
  if (ROW_ERROR.test(code)) return "careful";
  return OBJECT_ERROR.test(code) ? "table" : "retry";
}

/** What a user is told of a failure. */
export function problemOf(failure: unknown, sink: PgConfig): StreamProblem {
  const { cause, table } = failure instanceof StreamFailure ? failure : { cause: failure, table: undefined };
  if (cause instanceof CdcError) return plainProblem(cause);
  if (errorCode(cause) === undefined && !(failure instanceof StreamFailure && failure.side === "sink")) {
    return { code: "CDC_STREAM_FAILED", message: cause instanceof Error ? cause.message : String(cause) };
  }
  return plainProblem(toCdcError(cause, sink, table === undefined ? undefined : `table ${table}`));
}

/** The error itself, without where it struck. */
export function causeOf(failure: unknown): unknown {
  return failure instanceof StreamFailure ? failure.cause : failure;
}
