import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { errorNumber, toCdcError } from "../../databases/sqlserver/errors";
import { CdcError } from "../../lib/errors";
import type { Sql } from "../../sql/sql";
import { scriptIn } from "../../sql/sqlserver/enable-statements";

/** Errors of who may not change the capture. */
const NO_RIGHT = new Set([229, 230, 262, 297, 300, 916, 15151, 15247, 22902, 22904]);

/** Any failure as one that names the object. */
export function failureOf(error: unknown, config: MsSqlConfig, object: string): CdcError {
  return toCdcError(error, config, object);
}

/** The failure of a statement that changes the capture: without the right, it says what somebody with it can run. */
export function changeFailure(
  error: unknown,
  config: MsSqlConfig,
  object: string,
  statements: readonly Sql[],
): CdcError {
  const failure = failureOf(error, config, object);
  if (!NO_RIGHT.has(errorNumber(error) ?? 0)) return failure;
  const hint = `${whoMay(statements)} can run it instead, then deploy again:\n${scriptIn(config.database, statements)}`;
  return new CdcError(failure.code, failure.message, { hint, cause: error });
}

/** With `manage: false`, what is missing, and what somebody has to run. */
export function missingCapture(config: MsSqlConfig, text: string, statements: readonly Sql[]): CdcError {
  const hint = `capture.manage is false, so ${whoMay(statements)} must run:\n${scriptIn(config.database, statements)}`;
  return new CdcError("CDC_SOURCE_NO_INSTANCE", text, { hint });
}

function whoMay(statements: readonly Sql[]): string {
  return statements.some((text) => /_(?:en|dis)able_db\b/.test(text)) ? "a sysadmin" : "a db_owner";
}
