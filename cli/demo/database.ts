import { inTransaction, queryRows, type Row } from "../../databases/postgres/run";
import type { PgConfig } from "../../databases/postgres/config";
import { joinSql, literal, qualified, sql, type Sql } from "../../sql/sql";

/** What the demo asks the database, besides what its commands do. */
export class DemoDatabase {
  constructor(readonly config: PgConfig) {}

  /** Makes the database and runs the script of somebody who was there before us. */
  async prepare(server: PgConfig, script: string): Promise<void> {
    await queryRows(server, sql`CREATE DATABASE clinic_dev`);
    await inTransaction(this.config, (client) => client.query(script));
  }

  /** Every object that a user made, by kind and name: schemas, relations, routines. */
  async objects(): Promise<string[]> {
    const rows = await queryRows<{ object: string }>(this.config, OBJECTS);
    return rows.map(({ object }) => object);
  }

  /** A number that changes when any row of any table is written, even with the same values (it looks at xmin). */
  async fingerprint(): Promise<string> {
    const tables = await queryRows<{ schema: string; name: string }>(this.config, TABLES);
    const parts = tables.map(({ schema, name }) => fingerprintOf(schema, name));
    const rows = await queryRows<{ print: string }>(this.config, joinSql(parts, "\nUNION ALL "));
    return rows.map(({ print }) => print).join("\n");
  }

  /** Rows of a table in the order of its key; a few columns, as text. */
  async rows(schema: string, table: string, columns: readonly string[]): Promise<string[][]> {
    const rows = await queryRows(this.config, sql`SELECT * FROM ${qualified(schema, table)} ORDER BY 1, 2`);
    return rows.map((row) => columns.map((column) => textOf(row, column)));
  }

  /** Names of a table's columns. */
  async columns(schema: string, table: string): Promise<string[]> {
    const name = literal(qualified(schema, table));
    const rows = await queryRows<{ name: string }>(
      this.config,
      sql`SELECT attname AS name FROM pg_attribute WHERE attrelid = ${name}::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    return rows.map(({ name: column }) => column);
  }
}

const OURS = sql`n.nspname NOT IN ('information_schema', 'public') AND n.nspname NOT LIKE 'pg\_%'`;

const OBJECTS = sql`
SELECT 'schema ' || n.nspname AS object FROM pg_namespace AS n WHERE ${OURS}
UNION ALL
SELECT c.relkind::text || ' ' || n.nspname || '.' || c.relname FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE ${OURS} AND c.relkind IN ('r', 'v', 'S', 'p')
UNION ALL
SELECT p.prokind::text || ' ' || n.nspname || '.' || p.proname FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE ${OURS}
ORDER BY 1`;

const TABLES = sql`
SELECT n.nspname AS schema, c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE ${OURS} AND c.relkind = 'r' AND n.nspname <> 'cdc_management' ORDER BY 1, 2`;

function fingerprintOf(schema: string, name: string): Sql {
  const key = literal(`${schema}.${name}`);
  return sql`SELECT ${key} || ' ' || count(*) || ' ' || coalesce(sum(hashtext(t.xmin::text || t::text)), 0) AS print
FROM ${qualified(schema, name)} AS t`;
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
