import { inTransaction, queryRows, type Row } from "../../databases/postgres/run";
import type { PgConfig } from "../../databases/postgres/config";
import { ident, literal, qualified, sql } from "../../sql/sql";

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

  /** How many rows a table has; those with a value in a column, when that is asked. */
  async count(
    schema: string,
    table: string,
    where?: { readonly column: string; readonly value: string },
  ): Promise<number> {
    const condition = where === undefined ? sql`true` : sql`${ident(where.column)}::text = ${literal(where.value)}`;
    const [row] = await queryRows<{ count: string }>(
      this.config,
      sql`SELECT count(*) AS count FROM ${qualified(schema, table)} WHERE ${condition}`,
    );
    return Number(row?.count ?? 0);
  }

  /** Whether a row was set aside. */
  async hasDeadLetters(): Promise<boolean> {
    return (await queryRows(this.config, sql`SELECT 1 FROM cdc_management.dead_letters LIMIT 1`)).length > 0;
  }

  /** Rows of a table in the order of its key; a few columns, as text. */
  async rows(schema: string, table: string, columns: readonly string[]): Promise<string[][]> {
    const rows = await queryRows(this.config, sql`SELECT * FROM ${qualified(schema, table)} ORDER BY 1, 2`);
    return rows.map((row) => columns.map((column) => textOf(row, column)));
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

function textOf(row: Row, column: string): string {
  const value = row[column];
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
