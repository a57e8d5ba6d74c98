import { integer, joinSql, sql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import { bracketed, nText } from "./quote";

/** What `sp_cdc_enable_table` is told. */
export interface InstanceToEnable {
  readonly schema: string;
  readonly table: string;
  readonly instance: string;
  readonly columns: readonly string[];
  readonly role?: string;
  readonly filegroup?: string;
  readonly netChanges: boolean;
}

/** Turns change data capture on in the current database. */
export function enableDatabase(): Sql {
  return renderTemplate("mssql/enable-database.sql", {});
}

/** Turns change data capture off in the current database. */
export function disableDatabase(): Sql {
  return renderTemplate("mssql/disable-database.sql", {});
}

/** Makes a capture instance. */
export function enableTable(wanted: InstanceToEnable): Sql {
  const { schema, table, instance, columns, role = null, filegroup, netChanges } = wanted;
  return renderTemplate("mssql/enable-table.sql", {
    schema: nText(schema),
    table: nText(table),
    role: nText(role),
    instance: nText(instance),
    netChanges: integer(netChanges ? 1 : 0),
    columns: nText(joinSql(columns.map(bracketed), ", ")),
    filegroup: filegroup === undefined ? false : { name: nText(filegroup) },
  });
}

/** Removes a capture instance. */
export function disableTable(schema: string, table: string, instance: string): Sql {
  return renderTemplate("mssql/disable-table.sql", {
    schema: nText(schema),
    table: nText(table),
    instance: nText(instance),
  });
}

/** A script for a person to run: in the database, one statement after the other. */
export function scriptIn(database: string, statements: readonly Sql[]): Sql {
  return joinSql([sql`USE ${bracketed(database)}`, ...statements], ";\n");
}
