import fc from "fast-check";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleOf } from "../arbitraries/sql-values";

const ROWS_PER_TABLE = 400;
/** As many definitions as the sample database has. */
const DEFINITIONS = 71;

/** SQL Server types of the sample, and the PostgreSQL type whose values are made for them. */
const TYPES: readonly (readonly [string, string])[] = [
  ["bigint", "bigint"],
  ["int", "integer"],
  ["smallint", "smallint"],
  ["bit", "boolean"],
  ["decimal(38,10)", "numeric(38,10)"],
  ["money", "numeric(19,4)"],
  ["decimal(8,2)", "numeric(8,2)"],
  ["nvarchar(12)", "varchar(12)"],
  ["nvarchar(max)", "text"],
  ["nchar(5)", "char(5)"],
  ["uniqueidentifier", "uuid"],
  ["date", "date"],
  ["datetime", "timestamp(3)"],
  ["datetime2(7)", "timestamp(6)"],
  ["time(7)", "time(6)"],
  ["hierarchyid", "bytea"],
  ["geography", "bytea"],
  ["varbinary(max)", "bytea"],
  ["xml", "xml"],
];

/** Writes definitions, and for some of them rows of every type, into the folder, laid out like the sample database. */
export function generateDatabase(folder: string): string {
  const schemas = ["Person", "Sales", "dbo"];
  mkdirSync(join(folder, "rows"), { recursive: true });
  for (const [index, schema] of schemas.entries()) {
    mkdirSync(join(folder, "schemas", schema), { recursive: true });
    writeDefinition(folder, definition(schema, "Everything", TYPES.length));
    writeFileSync(join(folder, "rows", `${schema}.Everything.ndjson`), rows(index));
  }
  for (let index = schemas.length; index < DEFINITIONS; index += 1) {
    const schema = schemas[index % schemas.length] ?? "dbo";
    writeDefinition(folder, definition(schema, `Table ${String(index)}`, index % TYPES.length));
  }
  return folder;
}

interface Definition {
  readonly schema: string;
  readonly table: string;
}

function writeDefinition(folder: string, one: Definition): void {
  writeFileSync(join(folder, "schemas", one.schema, `${one.table}.yaml`), JSON.stringify(one));
}

function definition(schema: string, table: string, columnCount: number): Definition {
  const key = { name: "Key", type: "int", nullable: false, primary_key: true };
  const types = TYPES.slice(0, columnCount);
  const columns = types.map(([type], index) => ({ name: `Column ${String(index)}`, type, nullable: index % 3 > 0 }));
  const nullable = columns.map((column) => (table === "Everything" ? { ...column, nullable: true } : column));
  const names = { database: "AdventureWorks", schema, service: "adventureworks", table };
  return { ...names, columns: [key, ...nullable] } as Definition;
}

function rows(seed: number): string {
  const values = TYPES.map(([, type]) =>
    fc.sample(fc.option(sampleOf(type), { freq: 8 }), { numRuns: ROWS_PER_TABLE, seed }),
  );
  const row = (n: number): object => {
    const cells = values.map((all, index): [string, string | null] => [
      `Column ${String(index)}`,
      all[n]?.text ?? null,
    ]);
    return Object.fromEntries([["Key", String(n)], ...cells]);
  };
  return Array.from({ length: ROWS_PER_TABLE }, (_, n) => `${JSON.stringify(row(n))}\n`).join("");
}
