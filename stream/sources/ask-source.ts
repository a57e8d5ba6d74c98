import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { errorNumber } from "../../databases/sqlserver/errors";
import type { Parameter } from "../../databases/sqlserver/parameters";
import type { ResultColumn } from "../../databases/sqlserver/rows/result-column";
import { streamRows, type TextRow } from "../../databases/sqlserver/run";
import { CdcError } from "../../lib/errors";
import { bracketed } from "../../sql/sqlserver/quote";

/** The results of a batch, one after the other. */
export type Asked = readonly (readonly TextRow[])[];

/** What a statement is about, for its errors. */
export interface About {
  /** Such as `change table cdc.dbo_Actor_CT`. */
  readonly object: string;
  readonly database: string;
  /** The capture instance that is read; absent when it is the capture of the whole database. */
  readonly instance?: string;
}

const LONGEST_WAIT_MS = 60_000;
const NO_OBJECT = 208;
const DENIED = [229, 230];

/**
 * All results of a batch that only reads, in one request that is not repeated: whoever polls decides about that.
 * @throws CdcError: CDC_MSSQL_NOT_ENABLED, CDC_SOURCE_NO_INSTANCE and CDC_MSSQL_PERMISSION with what to grant or enable,
 *   else as `toCdcError`.
 */
export async function askSource(
  config: MsSqlConfig,
  text: string,
  parameters: readonly Parameter[],
  about: About,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<Asked> {
  const { signal, timeoutMs = LONGEST_WAIT_MS } = options;
  const results: TextRow[][] = [];
  let columns: readonly ResultColumn[] | undefined;
  try {
    const how = { object: about.object, parameters, timeoutMs, ...(signal === undefined ? {} : { signal }) };
    for await (const batch of streamRows(config, text, how)) {
      if (batch.columns !== columns) results.push([]);
      columns = batch.columns;
      results.at(-1)?.push(...batch.rows.map((row) => recordOf(batch.columns, row)));
    }
    return results;
  } catch (error) {
    throw sourceError(error, config, about);
  }
}

/** The error of a read of change data, with what a user can do about it where that is known. */
export function sourceError(error: unknown, config: MsSqlConfig, about: About): unknown {
  const number = errorNumber(error) ?? 0;
  if (number === NO_OBJECT) {
    const instance = about.instance ?? missingInstance(error);
    return instance === undefined ? notEnabled(error, about) : noInstance(error, about, instance);
  }
  return DENIED.includes(number) ? denied(error, config, about) : error;
}

function notEnabled(cause: unknown, { database }: About): CdcError {
  return new CdcError("CDC_MSSQL_NOT_ENABLED", `change data capture is off in database ${database}`, {
    hint: "Turn it on with `cdc manage-migrations enable-cdc`, or deploy again with `cdc up`.",
    cause,
  });
}

/** Of "Invalid object name 'cdc.dbo_Actor_CT'." */
function missingInstance(error: unknown): string | undefined {
  return /'(?:[^']*\.)?cdc\.([^']+)_CT'/.exec(error instanceof Error ? error.message : "")?.[1];
}

function noInstance(cause: unknown, { database }: About, instance: string): CdcError {
  return new CdcError("CDC_SOURCE_NO_INSTANCE", `capture instance ${instance} is not in database ${database}`, {
    hint: "It was dropped: turn the table's capture on again with `cdc manage-migrations enable-cdc`; its rows are then copied anew (`snapshot: when_needed`).",
    cause,
  });
}

function denied(cause: unknown, { user }: MsSqlConfig, { database, object }: About): CdcError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new CdcError("CDC_MSSQL_PERMISSION", `${user} may not read ${object} in database ${database}: ${text}`, {
    hint: `Run in ${database}: GRANT SELECT ON SCHEMA::cdc TO ${bracketed(user)}, and make it a member of the instance's gating role; or connect as a db_owner.`,
    cause,
  });
}

function recordOf(columns: readonly ResultColumn[], row: readonly (string | null)[]): TextRow {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
}
