import { desiredTable, type DesiredTable } from "../desired";
import type { MigrationFolder } from "../folder";
import { isIntact } from "../migration-file";
import { SCHEMA_PLACEHOLDER, type ManualEntry, type TableEntry } from "../migration-set";
import { formatColumnSpec, parseColumnSpec } from "../../sql/plans/column-spec";
import type { GatheredTable } from "./gathered";
import { grouped } from "./grouped";

/** What a table's files said before. */
export interface FormerTable {
  readonly entry: TableEntry;
  /** Undefined when a file is gone. */
  readonly desired?: DesiredTable;
}

/** The tables of a folder as they were generated last, those that were removed included. */
export class FormerTables {
  private readonly byTable: ReadonlyMap<string, readonly TableEntry[]>;

  constructor(private readonly folder: MigrationFolder | undefined) {
    const { tables = [], removed = [] } = folder?.manifest ?? {};
    this.byTable = grouped([...tables, ...removed], ({ service, table }) => keyOf(service, table));
  }

  /** The former table that a new one continues: of the same schema, else one whose files covered it. */
  of(table: Pick<GatheredTable, "service" | "schema" | "name">): FormerTable | undefined {
    const entries = this.byTable.get(keyOf(table.service, table.name)) ?? [];
    const entry =
      entries.find(({ schema }) => schema === table.schema) ??
      entries.find(({ schema }) => schema === SCHEMA_PLACEHOLDER || table.schema === SCHEMA_PLACEHOLDER);
    return entry === undefined ? undefined : this.by(entry);
  }

  /** What an entry's files say. */
  by(entry: TableEntry): FormerTable {
    const desired = this.desiredOf(entry);
    return desired === undefined ? { entry } : { entry, desired };
  }

  /** What a table's files want; undefined when one is gone or was spoiled by hand. Throws CdcError for one that can't be read back. */
  desiredOf(entry: TableEntry): DesiredTable | undefined {
    const [table, staging] = entry.files.map(({ file }) => this.folder?.files.get(file));
    if (table === undefined || staging === undefined) return undefined;
    const read = (): DesiredTable => withoutUnresolved(desiredTable(entry.kind, table, staging), this.manualOf(entry));
    return isIntact(table) && isIntact(staging) ? read() : ifReadable(read);
  }

  /** What a person has yet to do with a table. */
  manualOf({ service, schema, table }: Pick<TableEntry, "service" | "schema" | "table">): ManualEntry[] {
    const all = this.folder?.manifest.manual ?? [];
    return all.filter((entry) => entry.service === service && entry.schema === schema && entry.table === table);
  }
}

/** What somebody made of an edited file may be anything; that it was edited is told elsewhere. */
function ifReadable(read: () => DesiredTable): DesiredTable | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** A change of type that nobody has made yet: the column still is what it was. */
function withoutUnresolved(desired: DesiredTable, manual: readonly ManualEntry[]): DesiredTable {
  const pending = manual.filter(({ reason }) => reason === "type-change");
  if (pending.length === 0) return desired;
  const { table } = desired;
  const former = pending.flatMap(({ column = "", from = "" }) => {
    const spec = table.columns[column];
    return spec === undefined
      ? []
      : [[column, formatColumnSpec({ ...parseColumnSpec(column, spec), type: from })] as const];
  });
  const columns = { ...table.columns, ...Object.fromEntries(former) };
  return { ...desired, table: { ...table, columns } };
}

function keyOf(service: string, table: string): string {
  return JSON.stringify([service, table]);
}
