import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { removeProjects, writeProject } from "../test/fixtures/project";
import { canonicalType } from "../model/sink-type";
import { loadPipelineModel } from ".";

const SCHEMAS = join(__dirname, "../../shared/data/adventureworks/schemas");

/** Every kind of type that a catalogue shows, as in the definitions of a real database. */
const TYPES =
  `int datetime nvarchar(50) money uniqueidentifier smallint tinyint bit nchar(3) sysname decimal(8,2) smallmoney date
varbinary(max) hierarchyid xml time nvarchar(max) xml([a].[b]) varchar(15) nvarchar(4000) geography decimal(9,4) bigint float real
datetime2(7) datetimeoffset smalldatetime char(10) text ntext image binary(16) rowversion sql_variant geometry numeric(38,10)`.split(
    /\s+/,
  );

interface Definition {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type?: string; readonly computed?: boolean }[];
}

function generated(tables: number, columns: number): Definition[] {
  return Array.from({ length: tables }, (_, index) => ({
    schema: `S${String(index % 5)}`,
    table: `Table ${String(index)}`,
    columns: Array.from({ length: columns }, (_, at) => {
      const type = TYPES[(index + at) % TYPES.length] ?? "int";
      if (at === 0) return { name: "Id", type: "int", nullable: false, primary_key: true };
      return at === 3
        ? { name: "Total", computed: true }
        : { name: `Column ${String(at)}`, type, nullable: at % 2 === 0 };
    }),
  }));
}

function project(definitions: readonly Definition[], customers: number): string {
  const files: Record<string, string> = {};
  for (const one of definitions) files[`services/_schemas/shop/${one.schema}/${one.table}.yaml`] = JSON.stringify(one);
  const sources = Array.from({ length: customers }, (_, index) => [
    `cust${String(index).padStart(2, "0")}`,
    { dev: { database: `Db${String(index)}` } },
  ]);
  files["source-groups.yaml"] = JSON.stringify({
    shops: { pattern: "db-per-tenant", sources: Object.fromEntries(sources) as unknown },
  });
  const names = definitions.map(({ schema, table }) => `${schema}.${table}`);
  const sinks = names.map((name, index) => [
    `{{SCHEMA}}.${definitions[index]?.schema ?? ""} ${definitions[index]?.table ?? ""}`,
    { from: name },
  ]);
  const tables = Object.fromEntries(names.map((name) => [name, null]));
  files["services/shop.yaml"] = JSON.stringify({
    shop: {
      source: { tables },
      sinks: { "main.shop": { database: "shop", tables: Object.fromEntries(sinks) as unknown } },
    },
  });
  return writeProject(files, {});
}

function check(definitions: readonly Definition[], customers: number): void {
  const { sinks } = loadPipelineModel(project(definitions, customers), { env: {} });
  const tables = sinks[0]?.tables ?? [];
  expect(tables).toHaveLength(definitions.length * customers);
  expect(new Set(tables.map(({ schema, name }) => `${schema}.${name}`)).size).toBe(tables.length);
  for (const table of tables) {
    const definition = definitions.find(
      ({ schema, table: name }) => schema === table.source.schema && name === table.source.table,
    );
    const stored = definition?.columns.filter(({ computed }) => computed !== true) ?? [];
    const built = table.columns.filter(({ origin }) => origin === "source");
    expect(built.map(({ source }) => source)).toEqual(stored.map(({ name }) => name));
    for (const { type, sourceType } of built) {
      expect(canonicalType(type)).toBe(type);
      const numbers = /\(([\d, ]+)\)/.exec(sourceType ?? "")?.[1];
      if (numbers !== undefined && /char|decimal|numeric/i.test(sourceType ?? ""))
        expect(type).toContain(`(${numbers.replace(/ /g, "")})`);
    }
    expect(table.key.length).toBeGreaterThan(0);
  }
}

describe("many tables", () => {
  afterAll(removeProjects);

  test("71 generated definitions with every type build", () => {
    check(generated(71, 12), 1);
  });

  test("26 customers: 39 tables of 25 columns give 1,014 tables in 26 schemas", () => {
    check(generated(39, 25), 26);
  });

  test("all 71 AdventureWorks definitions build, where they are at hand", () => {
    const definitions = adventureWorks();
    console.log(
      definitions.length === 0
        ? "AdventureWorks is not at hand: generated definitions took its place"
        : `${String(definitions.length)} AdventureWorks definitions`,
    );
    check(definitions.length === 0 ? generated(71, 8) : definitions, 1);
    expect([0, 71]).toContain(definitions.length);
  });

  function adventureWorks(): Definition[] {
    if (!existsSync(SCHEMAS)) return [];
    const files = readdirSync(SCHEMAS, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml"));
    return files.map((file) => load(readFileSync(join(SCHEMAS, file), "utf8")) as Definition);
  }
});
