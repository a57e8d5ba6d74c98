import type { MergeProcedureOutputs, SinkTableOutputs, SinkTableProps, StagingTableProps } from "../../sql/plans/props";
import { desiredFiller, desiredTable } from "../desired";
import type { MigrationFolder } from "../folder";
import { unreadable } from "../created-table";
import type { MigrationFile } from "../migration-file";
import type { TableEntry, Target } from "../migration-set";

/** What a table's files want in one schema, as the planner's properties. */
export interface WantedUnit {
  /** `kept` names columns that are known to be left over. */
  readonly table: SinkTableProps & Pick<SinkTableOutputs, "kept">;
  readonly staging: StagingTableProps;
  readonly procedure: MergeProcedureOutputs;
}

/** What a table's files want in any schema: read once, then filled in per schema. */
export interface WantedTable {
  readonly entry: TableEntry;
  readonly tableFile: MigrationFile;
  readonly stagingFile: MigrationFile;
  in(target: Target): WantedUnit;
}

// Properties want to know where they go; for a comparison that is here.
const PLACE = { connection: "files", database: "" };

/** Reads a table's files. Throws CdcError (CDC_MIGRATION_UNREADABLE) naming the file. */
export function wantedTable({ files }: Pick<MigrationFolder, "files">, entry: TableEntry): WantedTable {
  const [tableFile, stagingFile] = entry.files.map(({ file }) => files.get(file) ?? missing(file));
  if (tableFile === undefined || stagingFile === undefined)
    throw unreadable(`table ${entry.table}`, "it has not two files");
  const desired = desiredFiller(desiredTable(entry.kind, tableFile, stagingFile));
  const left = Object.keys(entry.kept ?? {});
  return {
    entry,
    tableFile,
    stagingFile,
    in: (target) => {
      const unit = desired(target);
      const { table, staging, procedure } = unit;
      const { schema, table: name, applicationRole } = table;
      const role = applicationRole === undefined ? {} : { applicationRole };
      const common = { ...PLACE, schemaVersion: table.schemaVersion, schema, table: name, ...role };
      return {
        table: { ...PLACE, ...table, ...(left.length === 0 ? {} : { kept: left }) },
        staging: { ...PLACE, ...staging },
        procedure: {
          ...common,
          staging: staging.staging,
          procedure: procedure.name,
          // Asked for only where there is a procedure to compare.
          get definition() {
            return unit.definition;
          },
        },
      };
    },
  };
}

function missing(file: string): never {
  throw unreadable(file, "the file is missing");
}
