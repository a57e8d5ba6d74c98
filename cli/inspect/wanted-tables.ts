import type { EditedFolder, ServiceText } from "../../config/edit";
import type { CatalogTable } from "../../model/catalog-table";
import { CdcError } from "../../lib/errors";
import { nearestWord } from "../../model/nearest-word";
import type { Edits } from "../edit-run";
import type { InspectFlags } from "./flags";

/** The tables to inspect, and others that the database has. */
export interface WantedTables {
  readonly wanted: readonly CatalogTable[];
  /** As `schema.table`: in the database, and neither captured nor with schema YAML. */
  readonly untracked: readonly string[];
  /** Tables that have schema YAML, aren't captured and aren't in the database. */
  readonly leftOver: readonly string[];
}

/**
 * Chooses the tables that the user names, else those that the service captures or has schema YAML of.
 * Throws CdcError (CDC_INSPECT_TABLE_GONE) naming every table that the database doesn't have.
 */
export function wantedTables(
  edit: Edits,
  folder: EditedFolder,
  service: ServiceText,
  catalog: { readonly database: string; readonly tables: readonly CatalogTable[] },
  flags: InspectFlags,
): WantedTables {
  const inSchema = (table: Named) => flags.schema === undefined || table.schema === flags.schema;
  const captured = edit.capturedTables(service).filter(inSchema);
  const files = edit.describeSchemas(folder, service).map(({ table }) => edit.parseTableName(table));
  const described = files.filter(isWhole).filter(inSchema);
  const there = new Map(catalog.tables.map((table) => [nameOf(table), table]));
  const own = new Map([...captured, ...described].map((table) => [nameOf(table), table]));
  const untracked = catalog.tables.filter((table) => inSchema(table) && !own.has(nameOf(table))).map(nameOf);
  const asked = flags.table?.map((name) => edit.parseTableName(name));
  if (asked !== undefined) return { wanted: named(asked, catalog, flags), untracked, leftOver: [] };
  const gone = captured.map(nameOf).filter((name) => !there.has(name));
  if (gone.length > 0) throw goneTables(gone, catalog, `service ${service.name}`);
  const found = [...own.keys()].map((name) => there.get(name));
  return {
    wanted: found.filter((table) => table !== undefined),
    untracked,
    leftOver: [...own.keys()].filter((name) => !there.has(name)),
  };
}

interface Named {
  readonly schema: string;
  readonly table: string;
}

function named(
  asked: readonly { readonly schema?: string; readonly table: string }[],
  catalog: { readonly database: string; readonly tables: readonly CatalogTable[] },
  flags: InspectFlags,
): CatalogTable[] {
  const found = asked.map(({ schema = flags.schema, table }) => ({
    name: schema === undefined ? table : `${schema}.${table}`,
    tables: catalog.tables.filter((one) => one.table === table && (schema === undefined || one.schema === schema)),
  }));
  const gone = found.filter(({ tables }) => tables.length === 0).map(({ name }) => name);
  if (gone.length > 0) throw goneTables(gone, catalog, "--table");
  const several = found.find(({ tables }) => tables.length > 1);
  if (several === undefined) return [...new Set(found.flatMap(({ tables }) => tables))];
  const hint = `Write one of ${several.tables.map(nameOf).join(", ")}.`;
  throw new CdcError("CDC_INSPECT_TABLE", `several tables of ${catalog.database} are named ${several.name}`, { hint });
}

function goneTables(
  gone: readonly string[],
  { database, tables }: { readonly database: string; readonly tables: readonly CatalogTable[] },
  named: string,
): CdcError {
  const near = nearestWord(gone[0] ?? "", tables.map(nameOf));
  const remedy =
    named === "--table"
      ? "--all lists the tables that the service does not have."
      : "Nothing was deleted. Take it out with `cdc manage-services tables remove`, or name others with --table.";
  const text = `database ${database} has no table ${gone.join(", ")}, which ${named} names`;
  return new CdcError("CDC_INSPECT_TABLE_GONE", text, {
    hint: near === undefined ? remedy : `Did you mean "${near}"? ${remedy}`,
  });
}

function isWhole(table: { readonly schema?: string; readonly table: string }): table is Named {
  return table.schema !== undefined;
}

/** As `schema.table`. */
export function nameOf({ schema, table }: Named): string {
  return `${schema}.${table}`;
}
