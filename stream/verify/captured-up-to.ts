import { readRows } from "../../databases/sqlserver/rows/read-rows";
import { toCdcError } from "../../databases/sqlserver/errors";
import { parseLsn, type Lsn } from "../../model/lsn";
import { lastChange } from "../../sql/sqlserver/snapshot-statements";
import { withSession } from "../snapshot/page-reader";
import type { OpenedTable } from "./open-table";

/** LSN of the last captured change of the table; undefined when there is none, or it isn't captured. */
export async function capturedUpTo(table: OpenedTable, signal?: AbortSignal): Promise<Lsn | undefined> {
  const { instance, config, about } = table;
  if (instance === undefined) return undefined;
  return withSession(config, about, async (session) => {
    try {
      let last: string | null | undefined;
      const options = signal === undefined ? {} : { signal };
      for await (const { rows } of readRows(session, lastChange(instance), options)) last ??= rows[0]?.[0];
      return parseLsn(last ?? "");
    } catch (error) {
      signal?.throwIfAborted();
      throw toCdcError(error, config, about.object);
    }
  });
}
