import { join } from "node:path/posix";
import { SCHEMAS_FOLDER } from "../read-tables";
import { parseTableName } from "../../model/table-name";
import { schemaFileName } from "../schema-file-name";
import type { EditedFolder } from "./edited-folder";
import { unknownName } from "./known-name";
import { sourceTables, type ServiceText } from "./service-text";
import { writtenKey, type SchemaColumn, type WrittenTable } from "./written-table";

/** The schema YAML of a table, as lists show it. */
export interface SchemaLine {
  /** As `schema.table`. */
  readonly table: string;
  readonly file: string;
  readonly columns: number;
  readonly primaryKey: readonly string[];
  /** Whether the service captures it. */
  readonly captured: boolean;
}

/** Tables that have schema YAML, captured or not. Throws CdcConfigError for a file that is wrong. */
export function describeSchemas(folder: EditedFolder, service: ServiceText): SchemaLine[] {
  const captured = Object.keys(sourceTables(service)).map((key) => JSON.stringify(parseTableName(key)));
  return schemaFiles(folder, service).flatMap((file) => {
    const written = folder.read<WrittenTable>(file, "table");
    if (written === undefined) return [];
    const { schema, table, columns } = written;
    return [
      {
        table: `${schema}.${table}`,
        file,
        columns: columns.length,
        primaryKey: writtenKey(written),
        captured: captured.includes(JSON.stringify({ schema, table })),
      },
    ];
  });
}

/** Columns of a table from its schema YAML, captured or not, with its file. Throws CdcError (CDC_EDIT_UNKNOWN) when there is none. */
export function schemaColumns(
  folder: EditedFolder,
  service: ServiceText,
  wanted: string,
): { readonly file: string; readonly columns: readonly SchemaColumn[] } {
  const { schema, table } = parseTableName(wanted);
  const tables = describeSchemas(folder, service);
  const found =
    schema === undefined
      ? tables.filter((one) => parseTableName(one.table).table === table)
      : tables.filter(({ file }) => file === join(SCHEMAS_FOLDER, service.name, schema, schemaFileName(table)));
  const [one] = found;
  const names = (found.length > 1 ? found : tables).map((line) => line.table);
  if (one === undefined || found.length > 1)
    throw unknownName(`service ${service.name} has no schema YAML of table`, wanted, names);
  return { file: one.file, columns: folder.read<WrittenTable>(one.file, "table")?.columns ?? [] };
}

function schemaFiles(folder: EditedFolder, service: ServiceText): string[] {
  const own = join(SCHEMAS_FOLDER, service.name);
  return folder.list(own).flatMap((schema) =>
    folder
      .list(join(own, schema))
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => join(own, schema, file)),
  );
}
