import { describe } from "../../../databases/sqlserver/config";
import { SourceFollower } from "../../../stream/follow/source-follower";
import { checkState } from "../../../stream/follow/state";
import type { InputContext } from "../../sdk/provider";
import { connectionOf, tablesOf, type SqlServerInputConfig } from "./config";
import { findTables } from "./find-tables";

export { closePools } from "../../../databases/sqlserver/pool";

/**
 * Finds the tables, and is ready to read them from a stored state on.
 * @throws CdcError as {@link findTables} and {@link checkState} tell.
 */
export async function openFollower(
  config: SqlServerInputConfig,
  { signal, log }: InputContext,
  stored: unknown,
): Promise<SourceFollower> {
  const { tenant, snapshot = "never", poll_interval_ms: min, max_poll_interval_ms: max } = config;
  const connection = connectionOf(config);
  const tables = await findTables(connection, tablesOf(config), snapshot);
  const pollMs = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return new SourceFollower({
    config: connection,
    source: describe(connection),
    tables,
    state: stored === undefined ? undefined : checkState(stored, connection.database),
    signal,
    log: (level, text) => log[level](text),
    pollMs,
    ...(tenant === undefined ? {} : { tenant }),
  });
}
