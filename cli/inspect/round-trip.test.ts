import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { load, dump } from "js-yaml";
import { loadConfig } from "../../config";
import { EditedFolder, inspectTable, writeChanges } from "../../config/edit";
import { asCatalog, type WrittenTable } from "../../config/edit/written-table";
import { readCatalog } from "../../databases/sqlserver/catalog/read-catalog";
import { isUnchanged, tableChanges } from "../../model/catalog-diff";
import type { CatalogColumn, CatalogTable } from "../../model/catalog-table";
import type { TableDefinition } from "../../model/config";
import { bracketed, bracketedName, nText } from "../../sql/sqlserver/quote";
import { SourceLab } from "../../test/harness/source-lab";

const ADVENTURE_WORKS = join(__dirname, "../../../shared/data/adventureworks/schemas");
const KEY_TYPES = ["int", "bigint", "smallint", "uniqueidentifier", "varchar(20)", "nchar(3)", "datetime2(3)", "date"];
const OTHER_TYPES = [
  ...[
    "bit",
    "tinyint",
    "money",
    "smallmoney",
    "real",
    "float",
    "decimal(38,10)",
    "numeric(5,0)",
    "datetime",
    "time(7)",
  ],
  ...["smalldatetime", "datetimeoffset(0)", "varchar(8000)", "varchar(max)", "nvarchar(4000)", "nvarchar(max)", "xml"],
  ...["text", "ntext", "image", "binary(16)", "varbinary(max)", "sql_variant", "hierarchyid", "geography", "geometry"],
];

let lab: SourceLab;
let directory: string;

beforeAll(async () => {
  lab = await SourceLab.open();
});

afterAll(() => lab.close());

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cdc-round-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Names with whatever SQL Server takes in one, different without regard to case. */
const nameText = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/),
    fc.constantFrom(
      "yes",
      "null",
      "Order.Lines",
      "a: b",
      "# no",
      "- x",
      "{}",
      "it's",
      '"q"',
      "]]",
      "Blåbær",
      "12",
      "~",
      "a b",
    ),
  )
  .filter((name) => name.trim() === name);

const columnOf = (name: string): fc.Arbitrary<CatalogColumn> =>
  fc
    .record({
      type: fc.constantFrom(...KEY_TYPES, ...OTHER_TYPES),
      nullable: fc.boolean(),
      description: fc.option(fc.constantFrom("Plain", "a: b # c", "two\nlines", " spaced", "'", "Ærlig"), {
        nil: undefined,
      }),
      withDefault: fc.boolean(),
    })
    .map(({ type, nullable, description, withDefault }) => ({
      name,
      type,
      nullable,
      identity: false,
      computed: false,
      ...(withDefault && type === "int" ? { default: "((7))" } : {}),
      ...(description === undefined ? {} : { description }),
    }));

const tableOf: fc.Arbitrary<CatalogTable> = fc
  .record({
    schema: fc.constantFrom("dbo", "hr", "two words"),
    // With a # it would be a temporary table.
    table: nameText.filter((name) => !name.startsWith("#")),
    names: fc.uniqueArray(nameText, { minLength: 3, maxLength: 8, selector: (name) => name.toLowerCase() }),
    description: fc.option(fc.constantFrom("A table", "null", "x: {y}"), { nil: undefined }),
    keyed: fc.integer({ min: 0, max: 2 }),
    swapped: fc.boolean(),
    identity: fc.boolean(),
    unique: fc.boolean(),
  })
  .chain(({ names, ...rest }) => fc.tuple(fc.constant(rest), fc.tuple(...names.map(columnOf))))
  .map(([{ schema, table, description, keyed, swapped, identity, unique }, all]) => {
    // The first columns carry the keys, the last is computed.
    const columns = all.map((column, index) => keyColumn(column, index, index === 0 && identity));
    const last = columns.length - 1;
    columns[last] = computedColumn(columns[last]!);
    const key = columns.slice(0, keyed).map(({ name }) => name);
    const uniqueIndexes = unique && last > 1 ? [[columns[1]!.name, columns[0]!.name]] : [];
    return {
      schema,
      table,
      ...(description === undefined ? {} : { description }),
      columns,
      primaryKey: swapped ? key.reverse() : key,
      uniqueIndexes,
    };
  });

function keyColumn(column: CatalogColumn, index: number, identity: boolean): CatalogColumn {
  if (index > 1) return column;
  const { default: _, ...plain } = column;
  const type = identity ? "int" : KEY_TYPES.includes(column.type) ? column.type : "int";
  return { ...plain, type, nullable: false, identity };
}

function computedColumn({ default: _, ...column }: CatalogColumn): CatalogColumn {
  return { ...column, type: "int", nullable: true, computed: true, definition: "(CONVERT([int],(1)))" };
}

/** The statements that make a table. */
function statementsOf({ schema, table, columns, primaryKey, uniqueIndexes, description }: CatalogTable): string[] {
  const list = (names: readonly string[]) => names.map(bracketed).join(", ");
  const lines = columns.map(({ name, type, nullable, identity, computed, definition, default: value }) =>
    computed
      ? `${bracketed(name)} AS ${definition ?? ""}`
      : `${bracketed(name)} ${type}${identity ? " IDENTITY(1,1)" : ""} ${nullable ? "NULL" : "NOT NULL"}${value === undefined ? "" : ` DEFAULT ${value}`}`,
  );
  const keys = [
    ...(primaryKey.length === 0 ? [] : [`PRIMARY KEY (${list(primaryKey)})`]),
    ...uniqueIndexes.map((names) => `UNIQUE (${list(names)})`),
  ];
  const property = (text: string, column?: string) =>
    `EXEC sp_addextendedproperty @name=N'MS_Description', @value=${nText(text)}, @level0type=N'SCHEMA', @level0name=${nText(schema)}, @level1type=N'TABLE', @level1name=${nText(table)}${column === undefined ? "" : `, @level2type=N'COLUMN', @level2name=${nText(column)}`}`;
  return [
    `CREATE TABLE ${bracketedName(schema, table)} (${[...lines, ...keys].join(", ")})`,
    ...(description === undefined ? [] : [property(description)]),
    ...columns.flatMap((column) =>
      column.description === undefined ? [] : [property(column.description, column.name)],
    ),
  ];
}

/** Makes the tables in a new database, inspects them into schema YAML, and reads that with the loader. */
async function roundTrip(tables: readonly CatalogTable[]): Promise<readonly TableDefinition[]> {
  const schemas = [...new Set(tables.map(({ schema }) => schema))].filter((schema) => schema !== "dbo");
  const database = await lab.database(
    ...schemas.map((schema) => `CREATE SCHEMA ${bracketed(schema)}`),
    ...tables.flatMap(statementsOf),
  );
  const { tables: read } = await readCatalog(lab.config(database));
  const folder = new EditedFolder(directory);
  for (const table of read) inspectTable(folder, table, { database, service: "shop" });
  writeChanges(directory, folder.changes());
  const again = new EditedFolder(directory);
  expect(read.filter((table) => inspectTable(again, table, { database, service: "shop" }).change !== "none")).toEqual(
    [],
  );
  return loadDefinitions(tables);
}

function loadDefinitions(tables: readonly CatalogTable[]): readonly TableDefinition[] {
  const quoted = tables.map(({ schema, table }) => `${bracketed(schema)}.${bracketed(table)}`);
  const service = {
    source: { tables: Object.fromEntries(quoted.map((name) => [name, {}])) },
    sinks: { "main.shop": { database: "shop", tables: {} } },
  };
  const sources = { shop: { dev: { database: "Shop" } } };
  mkdirSync(join(directory, "services"), { recursive: true });
  writeFileSync(join(directory, "source-groups.yaml"), dump({ shops: { pattern: "db-shared", sources } }));
  writeFileSync(join(directory, "services/shop.yaml"), dump({ shop: service }));
  const { sourceTables } = loadConfig(directory, { env: {} }).service;
  return sourceTables.map(({ definition }) => definition);
}

/** What the loader's model must hold of a table. */
function expectedModel(table: CatalogTable) {
  const { schema, table: name, columns, primaryKey, uniqueIndexes, description } = table;
  return {
    schema,
    table: name,
    description: described(description),
    key: primaryKey,
    uniqueIndexes,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      nullable: column.computed || column.nullable,
      computed: column.computed,
      description: described(column.description),
    })),
  };
}

function modelOf({ schema, table, columns, primaryKey, uniqueIndexes = [], description }: TableDefinition) {
  return {
    schema,
    table,
    description,
    key: primaryKey ?? columns.filter((column) => column.primaryKey).map(({ name }) => name),
    uniqueIndexes,
    columns: columns.map(({ name, type, nullable, computed, description: text }) => {
      return { name, type, nullable, computed, description: text };
    }),
  };
}

/** The loader trims descriptions. */
function described(text: string | undefined): string | undefined {
  return text?.trim();
}

describe("CREATE TABLE, inspection, schema YAML, loader", () => {
  test("give the same definition, whatever the table is like", async () => {
    const databases = fc.uniqueArray(tableOf, {
      minLength: 1,
      maxLength: 6,
      selector: ({ schema, table }) => `${schema}.${table}`.toLowerCase(),
    });
    await fc.assert(
      fc.asyncProperty(databases, async (tables) => {
        rmSync(join(directory, "services"), { recursive: true, force: true });
        const loaded = await roundTrip(tables);
        expect(loaded.map(modelOf)).toEqual(tables.map(expectedModel));
      }),
      { numRuns: 40 },
    );
  });

  test("give the same definitions for the tables of a real database", async () => {
    const written = existsSync(ADVENTURE_WORKS) ? adventureWorks() : madeUp(71);
    const tables = written.map(creatable);
    const loaded = await roundTrip(tables);
    expect(loaded).toHaveLength(written.length);
    const differing = tables.filter((table, index) => {
      const { columns, ...rest } = modelOf(loaded[index]!);
      const back = { ...table, columns: table.columns.map((column, at) => ({ ...column, ...namedAs(columns[at]!) })) };
      return !isUnchanged(tableChanges(table, { ...back, primaryKey: rest.key }));
    });
    expect(differing.map(({ table }) => table)).toEqual([]);
  });
});

function namedAs({ name, type = "", nullable, computed }: ReturnType<typeof modelOf>["columns"][number]) {
  return { name, type, nullable, computed };
}

function adventureWorks(): WrittenTable[] {
  return readdirSync(ADVENTURE_WORKS).flatMap((schema) =>
    readdirSync(join(ADVENTURE_WORKS, schema)).map(
      (file) => load(readFileSync(join(ADVENTURE_WORKS, schema, file), "utf8")) as WrittenTable,
    ),
  );
}

function madeUp(count: number): WrittenTable[] {
  process.stdout.write("no definitions of a real database here: made-up ones instead\n");
  const types = [...KEY_TYPES, ...OTHER_TYPES];
  return Array.from({ length: count }, (_, index) => ({
    schema: `S${index % 5}`,
    table: `Table ${index}`,
    columns: types.map((type, at) => ({
      name: `Column ${at}`,
      type,
      nullable: at % 2 === 1,
      ...(at === 0 ? { primary_key: true } : {}),
    })),
  }));
}

/** A table that can be made from its schema YAML: with an expression for what is computed, without schemas of XML. */
function creatable(written: WrittenTable): CatalogTable {
  const table = asCatalog(written);
  const columns = table.columns.map((column) => {
    const type = column.type.startsWith("xml") ? "xml" : column.type === "sysname" ? "nvarchar(128)" : column.type;
    if (!column.computed) return { ...column, type };
    return { ...column, type: "int", nullable: true, definition: "(CONVERT([int],(1)))" };
  });
  return { ...table, columns };
}
