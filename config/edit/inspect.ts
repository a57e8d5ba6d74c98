import { join } from "node:path/posix";
import { isUnchanged, tableChanges, type TableChanges } from "../../model/catalog-diff";
import type { CatalogTable } from "../../model/catalog-table";
import { SCHEMAS_FOLDER } from "../read-tables";
import { schemaFileName } from "../schema-file-name";
import type { EditedFolder } from "./edited-folder";
import { schemaSteps } from "./schema-steps";
import { schemaText, type SchemaOrigin } from "./schema-text";
import { asCatalog, type WrittenTable } from "./written-table";

/** What inspection finds about a table that a service has, or is to have. */
export interface InspectedTable {
  /** As `schema.table`. */
  readonly table: string;
  /** Schema YAML, from the configuration's folder. */
  readonly file: string;
  readonly change: "none" | "new" | "changed";
  /** All columns of a new file are added. */
  readonly changes: TableChanges;
}

/**
 * Makes the schema YAML of a table say what the catalog says, in the folder's memory; all else in the file stays.
 * Throws CdcConfigError for a file that is wrong, CdcError (CDC_EDIT_UNSAFE) for one that can't be changed in parts.
 */
export function inspectTable(folder: EditedFolder, table: CatalogTable, origin: SchemaOrigin): InspectedTable {
  const file = join(SCHEMAS_FOLDER, origin.service, table.schema, schemaFileName(table.table));
  const name = `${table.schema}.${table.table}`;
  const written = folder.read<WrittenTable>(file, "table");
  if (written === undefined) {
    folder.replace(file, schemaText(table, origin));
    const nothing = { ...table, columns: [], primaryKey: [], uniqueIndexes: [] };
    return { table: name, file, change: "new", changes: tableChanges(nothing, table) };
  }
  const changes = tableChanges(asCatalog(written), table);
  const steps = schemaSteps(written, table, changes);
  folder.edit(file, steps);
  const change = isUnchanged(changes) && steps.length === 0 ? "none" : "changed";
  return { table: name, file, change, changes };
}
