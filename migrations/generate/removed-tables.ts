import { fillText } from "../substitute";
import { SCHEMA_PLACEHOLDER, type ManualEntry, type TableEntry } from "../migration-set";
import { qualified } from "../../sql/sql";
import type { FilePaths } from "./file-paths";
import type { FormerTables } from "./former-tables";
import { removedTableFile } from "./manual-file";
import type { RenderedFile } from "./table-files";
import { markedSchema } from "./template-table";

/** Tables that the configuration no longer has. They stay; how to drop them stands in manual files. */
export interface RemovedTables {
  readonly entries: readonly TableEntry[];
  /** Those that were still wanted by the last run. */
  readonly now: readonly TableEntry[];
  readonly manual: readonly ManualEntry[];
  readonly files: readonly RenderedFile[];
}

/**
 * Sorts out the entries that have no table any more.
 * @param gone entries of tables that are no longer wanted, those of earlier runs (`before`) included
 */
export function removedTables(
  gone: readonly TableEntry[],
  before: ReadonlySet<TableEntry>,
  former: FormerTables,
  paths: FilePaths,
): RemovedTables {
  const now = gone.filter((entry) => !before.has(entry));
  const made = now.map((entry) => ({ entry, ...manualFor(entry, former, paths) }));
  const kept = gone.filter((entry) => before.has(entry)).flatMap((entry) => former.manualOf(entry));
  const own = made.flatMap(({ entry, manual }) => [
    ...former.manualOf(entry).filter(({ file }) => file !== manual.file),
    manual,
  ]);
  return { entries: gone, now, manual: [...kept, ...own], files: made.map(({ file }) => file) };
}

function manualFor(
  entry: TableEntry,
  former: FormerTables,
  paths: FilePaths,
): { manual: ManualEntry; file: RenderedFile } {
  const { service, schema, table } = entry;
  const desired = former.desiredOf(entry);
  const place = {
    schema: markedSchema(schema),
    table,
    staging: desired?.staging.staging ?? `stg_${table}`,
    procedure: desired?.procedure.name ?? `sp_merge_${table}`,
  };
  const target = fillText(qualified(schema, table), SCHEMA_PLACEHOLDER);
  const header: [string, string][] = [
    ["Service", service],
    ["Target", target],
  ];
  const { file, entry: what } = removedTableFile(paths.of(entry), header, place);
  return { file, manual: { service, schema, table, ...what } };
}
