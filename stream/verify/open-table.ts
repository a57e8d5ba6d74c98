import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { TableShape } from "../../model/table-shape";
import { NO_LSN } from "../../model/lsn";
import type { OwnRows } from "../../sql/snapshot-statements";
import type { PgClient } from "../sinks/session";
import { readOwnRows } from "../snapshot/own-rows";
import type { ReadAbout } from "../snapshot/page-reader";
import { readSourceColumns, readSourceKey } from "../snapshot/source-key";
import { SourceLookup } from "../snapshot/source-lookup";
import { tableReader, type TableReader } from "../snapshot/table-reader";
import type { CaptureInstance } from "../sources/capture-instance";
import { instanceFor } from "../sources/instance-for";
import type { SourceKeyColumn } from "../../sql/sqlserver/key-values";

/** A table of one source, and all that is needed to compare it with the sink. */
export interface OpenedTable {
  /** `<server>/<database>`. */
  readonly sourceName: string;
  readonly config: MsSqlConfig;
  /** Tenant resolved, database filled in. */
  readonly shape: TableShape;
  /** Name of its capture instance; absent when it isn't captured. */
  readonly instance?: string;
  readonly reader: TableReader;
  /** Finds rows again, or why it cannot. */
  readonly lookup: SourceLookup | string;
  readonly own: OwnRows;
  readonly about: ReadAbout;
}

/** Where a table is. */
export interface VerifyTarget {
  readonly sourceName: string;
  readonly config: MsSqlConfig;
  readonly shape: TableShape;
  /** All capture instances of the source database. */
  readonly instances: readonly CaptureInstance[];
}

/**
 * Finds out how to read a table.
 * @throws CdcError `CDC_SNAPSHOT_NO_KEY`, `CDC_SOURCE_NO_TABLE`; else as the databases tell.
 */
export async function openTable(client: PgClient, target: VerifyTarget, signal?: AbortSignal): Promise<OpenedTable> {
  const { config, shape, instances, sourceName } = target;
  const chosen = instanceFor(shape, instances, NO_LSN);
  const captured = "use" in chosen ? chosen.use : undefined;
  const place = captured ?? shape.source;
  const types = await readSourceColumns(config, place, signal);
  const key = await readSourceKey(config, place, signal);
  const reader = tableReader(shape, captured ?? uncaptured(shape, types), key);
  return {
    sourceName,
    config,
    shape,
    ...(captured === undefined ? {} : { instance: captured.name }),
    reader,
    lookup: SourceLookup.of(shape, reader.pages, reader.sources, types),
    own: await readOwnRows(client, shape),
    about: { object: `table ${place.schema}.${place.table}`, ...(signal === undefined ? {} : { signal }) },
  };
}

/** A table that isn't captured, as if all its columns were. */
function uncaptured({ source }: TableShape, types: ReadonlyMap<string, SourceKeyColumn>): CaptureInstance {
  const columns = [...types.values()].map(({ name, type }, index) => ({
    name,
    sourceName: name,
    ordinal: index + 1,
    type,
  }));
  return { name: "", schema: source.schema, table: source.table, startLsn: NO_LSN, columns };
}
