import type { ModelChange } from "../../model/diff";
import { ident, literal, qualified } from "../../sql/sql";
import { renderFile } from "../migration-file";
import { SCHEMA_PLACEHOLDER, type ManualEntry } from "../migration-set";
import type { TablePaths } from "./file-paths";
import type { RenderedFile } from "./table-files";
import { MARKED_SCHEMA, withPlaceholders } from "./template-table";

/** A change that a person has to make or to refuse, with the file that says how. */
export interface ManualChange {
  readonly file: RenderedFile;
  readonly entry: Omit<ManualEntry, "service" | "schema" | "table">;
}

type Header = readonly (readonly [string, string])[];
interface Place {
  readonly schema: string;
  readonly table: string;
}

const RESOLVE = "-- When it is done, or is not to be done: cdc migrations resolve";

/** A column that is no longer wanted: it stays, and how to drop it. */
export function removedColumnFile(
  paths: TablePaths,
  header: Header,
  place: Place,
  column: string,
  spec: string,
): ManualChange {
  const path = `${paths.manual}drop-${slug(column)}.sql`;
  const table = qualified(place.schema, place.table);
  const body = [
    `-- Column ${column} is no longer in the configuration. It keeps its values and lost its NOT NULL, so nothing breaks.`,
    "-- Its values are lost for ever when it is dropped. To drop it, run this in every schema:",
    `-- ALTER TABLE ${table} DROP COLUMN ${ident(column)};`,
  ];
  return manual(path, header, body, { reason: "column-removed", column, from: spec, blocks: false });
}

/** A table that is no longer wanted: it stays, and how to drop it. */
export function removedTableFile(
  paths: TablePaths,
  header: Header,
  place: Place & { readonly staging: string; readonly procedure: string },
): ManualChange {
  const { schema, table, staging, procedure } = place;
  const name = `${literal(schema)} AND table_name = ${literal(table)}`;
  const body = [
    `-- Table ${table} is no longer in the configuration. It stays with its rows, and its merge keeps running.`,
    "-- Its rows are lost for ever when it is dropped. To drop it, run this in every schema:",
    `-- UPDATE cdc_management.merge_control SET unregistered_at = now() WHERE schema_name = ${name};`,
    `-- DROP PROCEDURE IF EXISTS ${qualified(schema, procedure)}(jsonb, integer);`,
    `-- DROP TABLE IF EXISTS ${qualified(schema, staging)};`,
    `-- DROP TABLE IF EXISTS ${qualified(schema, table)};`,
  ];
  return manual(`${paths.manual}drop-table.sql`, header, body, { reason: "table-removed", blocks: false });
}

/** A type that PostgreSQL can't get to by itself: how to, and nothing is applied to the table before. */
export function typeChangeFile(paths: TablePaths, header: Header, place: Place, change: ModelChange): ManualChange {
  const { column = "", from, to, hazard } = change;
  const [old, wanted] = [from?.type ?? "", to?.type ?? ""];
  const table = qualified(place.schema, place.table);
  const body = [
    `-- Column ${column} is ${old} and has to become ${wanted}: ${hazard.text ?? "there is no conversion"}.`,
    "-- Nothing is applied to this table before. Either say in manual_migration_hints how the values are converted,",
    `--   type_changes: [{column: ${JSON.stringify(column)}, using: <expression>}]`,
    "-- take the former type back and generate again, or write the expression here and run it in every schema:",
    `-- ALTER TABLE ${table} ALTER COLUMN ${ident(column)} TYPE ${wanted} USING <expression>;`,
  ];
  const path = `${paths.manual}type-${slug(column)}.sql`;
  return manual(path, header, body, { reason: "type-change", column, from: old, to: wanted, blocks: true });
}

function manual(
  path: string,
  header: Header,
  lines: readonly string[],
  entry: Omit<ManualChange["entry"], "file" | "checksum">,
): ManualChange {
  const text = [...lines, `${RESOLVE} ${path.replaceAll(SCHEMA_PLACEHOLDER, MARKED_SCHEMA)}`].map((line) =>
    line.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, " "),
  );
  const file = renderFile(path, header, withPlaceholders(`${text.join("\n")}\n`));
  return { file, entry: { ...entry, file: path, checksum: file.checksum } };
}

function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  // Two names may have the same letters and digits.
  return plain === name ? plain : `${plain}-${hash(name)}`;
}

function hash(name: string): string {
  let value = 0;
  for (const character of name) value = (Math.imul(value, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return value.toString(36);
}
