import { join } from "node:path/posix";
import type { DefinedColumn, TableDefinition } from "../model/config";
import { didYouMean } from "../model/findings";
import { nearestWord } from "../model/nearest-word";
import { within, type Place } from "../model/problem";
import { parseSourceType } from "../model/source-type";
import type { ConfigFolder } from "./config-folder";
import { schemaFileName } from "./schema-file-name";

interface WrittenColumn {
  readonly name: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly primary_key?: boolean;
  readonly computed?: boolean;
  readonly description?: string | null;
}

interface WrittenTableFile {
  readonly database?: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly WrittenColumn[];
  readonly primary_key?: string | readonly string[] | null;
  readonly unique_indexes?: readonly (readonly string[])[] | null;
  readonly description?: string | null;
}

export const SCHEMAS_FOLDER = "services/_schemas";

/** The schema YAML of a source table; undefined, and a problem, when it is missing or wrong. */
export function readTable(
  folder: ConfigFolder,
  service: string,
  schema: string,
  table: string,
  at: Place,
): TableDefinition | undefined {
  const file = join(SCHEMAS_FOLDER, service, schema, schemaFileName(table));
  const known = folder.problems.length;
  const written = folder.read<WrittenTableFile>(file, "table");
  if (written !== undefined) return definition(folder, written, file, { schema, table });
  if (folder.problems.length === known)
    folder.problem(at, `its schema YAML ${file} is missing`, whereElse(folder, file, service, schema, table));
  return undefined;
}

function whereElse(folder: ConfigFolder, file: string, service: string, schema: string, table: string): string {
  const siblings = folder.list(join(SCHEMAS_FOLDER, service, schema)).map((name) => name.replace(/\.yaml$/, ""));
  return didYouMean(
    nearestWord(table, siblings),
    "`cdc manage-services resources --inspect --save` writes it; docs/configuration-edits.md shows one",
  );
}

function definition(
  folder: ConfigFolder,
  written: WrittenTableFile,
  file: string,
  expected: { readonly schema: string; readonly table: string },
): TableDefinition | undefined {
  const at = { file, path: [] };
  for (const key of ["schema", "table"] as const) {
    if (written[key] === expected[key]) continue;
    folder.problem(
      within(at, key),
      `is "${written[key]}", but the file's place says "${expected[key]}"`,
      "rename the file or mend the key",
    );
  }
  const columns = written.columns.map((column, index) => definedColumn(folder, column, within(at, "columns", index)));
  const { database, primary_key: key, unique_indexes: uniqueIndexes } = written;
  return {
    ...expected,
    columns,
    ...(database === undefined ? {} : { database }),
    ...(key === undefined || key === null ? {} : { primaryKey: typeof key === "string" ? [key] : key }),
    ...(uniqueIndexes === undefined || uniqueIndexes === null ? {} : { uniqueIndexes }),
    ...described(written),
    at,
  };
}

function definedColumn(folder: ConfigFolder, column: WrittenColumn, at: Place): DefinedColumn {
  const { name, type, nullable = true, primary_key: primaryKey = false, computed = false } = column;
  if (type === undefined && !computed) folder.problem(at, `column ${name} has no type`, "add type:, or computed: true");
  if (type !== undefined && parseSourceType(type) === undefined) {
    folder.problem(
      within(at, "type"),
      `"${type}" is no type of SQL Server`,
      "write it like nvarchar(50), decimal(8,2) or varchar(max)",
    );
  }
  return { name, nullable, primaryKey, computed, ...(type === undefined ? {} : { type }), ...described(column) };
}

/** An empty description, as tools write it that found none, is none. */
function described({ description }: { readonly description?: string | null }): { description?: string } {
  const text = description?.trim() ?? "";
  return text === "" ? {} : { description: text };
}
