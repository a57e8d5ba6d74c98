import { closePools } from "../../../databases/postgres/pool";
import type { CatalogColumn } from "../../../model/catalog-table";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database";
import { deployTables } from "../../../test/harness/deploy-tables";
import { sinkTable } from "../../../test/harness/sink-model";
import type { Contribution, ContributionContext, DeployedTaskResource } from "../../lifecycle/contribution";
import { infrastructure } from "./infrastructure";

const connection_string = "postgresql://me:s3cret@db.example:5433/lake?sslmode=require";
const context: ContributionContext = { task: "t", environment: "task", signal: new AbortController().signal };

function column(name: string, type = "int", more: Partial<CatalogColumn> = {}): CatalogColumn {
  return { name, type, nullable: false, identity: false, computed: false, ...more };
}

function table(name: string, primaryKey: readonly string[], columns = [column("Id"), column("Text", "nvarchar(max)")]) {
  const [schema = "", own = ""] = name.split(".");
  const definition = { schema, table: own, columns, primaryKey, uniqueIndexes: [["Id"]] };
  return { schema, table: own, database: "Shop", definition };
}

function contributed(tables: Contribution["tables"] = [], more: object = {}): Promise<Contribution> {
  return infrastructure.contribute({ connection_string, ...more }, { resources: [], tables }, context);
}

test("each table of the input gets a table, its staging and its merge, after the schemas they are in", async () => {
  const { resources } = await contributed([table("dbo.Orders", ["Id"]), table("sales.Orders", ["Id"])]);
  expect(resources.map(({ type, name, dependsOn = [] }) => [`${type} ${name}`, ...dependsOn])).toEqual([
    ["CdcManagement lake"],
    ["SinkSchema dbo", "CdcManagement lake"],
    ["SinkSchema sales", "CdcManagement lake"],
    ["SinkTable dbo.Orders", "SinkSchema dbo"],
    ["StagingTable dbo.Orders", "SinkTable dbo.Orders"],
    ["MergeProcedure dbo.Orders", "StagingTable dbo.Orders"],
    ["SinkTable sales.Orders", "SinkSchema sales"],
    ["StagingTable sales.Orders", "SinkTable sales.Orders"],
    ["MergeProcedure sales.Orders", "StagingTable sales.Orders"],
  ]);
  expect(resources[3]?.args).toMatchObject({
    connection: "sink:task:output",
    database: "lake",
    columns: { Id: "integer not null", Text: "text" },
    key: ["Id"],
    onDelete: "hard",
    allowDrop: false,
  });
  expect(resources[5]?.args).toMatchObject({ source: { database: "Shop", schema: "dbo", table: "Orders" } });
  expect(JSON.parse(JSON.stringify(resources))).toEqual(resources);
  expect(JSON.stringify(resources)).not.toContain("s3cret");
});

test("schema, keys and on_delete of the config are heeded", async () => {
  const config = { schema: "lake", keys: { "[dbo].[orders]": ["Id"] }, on_delete: "soft" };
  const { resources } = await contributed([table("dbo.Orders", [])], config);
  const [found] = resources.filter(({ type }) => type === "SinkTable");
  expect(found).toMatchObject({ name: "lake.Orders", args: { schema: "lake", key: ["Id"], onDelete: "soft" } });
});

test("what is said of renamed columns reaches the table, by its name in the sink or at the source", async () => {
  const renames = [{ from: "Old", to: "Text" }];
  for (const name of ["Orders", "dbo.orders", "lake.Orders"]) {
    const config = { schema: "lake", manual_migration_hints: { [name]: { renames } } };
    const { resources } = await contributed([table("dbo.Orders", ["Id"])], config);
    const [found] = resources.filter(({ type }) => type === "SinkTable");
    expect(found?.args).toMatchObject({ hints: { renames } });
  }
});

test.each<[string, Contribution["tables"], object]>([
  ["the tables are somebody else's", [table("dbo.Orders", ["Id"])], { manage: false }],
  ["the input only names its tables", [{ schema: "dbo", table: "Orders" }], {}],
  ["there is no table", [], {}],
])("nothing is made when %s", async (_title, tables, config) => {
  expect((await contributed(tables, config)).resources).toEqual([]);
});

test.each<[string, Contribution["tables"], object]>([
  ["without a primary key: dbo.A, dbo.B", [table("dbo.A", []), table("dbo.B", [])], {}],
  ["keys: C is no table of the input", [table("dbo.A", ["Id"])], { keys: { C: ["Id"] } }],
  ["keys: A is several tables", [table("dbo.A", ["Id"]), table("sales.A", ["Id"])], { keys: { A: ["Id"] } }],
  ["manual_migration_hints: C is no table", [table("dbo.A", ["Id"])], { manual_migration_hints: { C: {} } }],
  ["key column Text of dbo.A is a large object", [table("dbo.A", ["Text"])], {}],
  ["key column X of dbo.A does not exist", [table("dbo.A", ["Id"])], { keys: { A: ["X"] } }],
  ["in schema all both table all.A and table all.A", [table("dbo.A", ["Id"]), table("b.A", ["Id"])], { schema: "all" }],
  ['schema "pg_x" starts with pg_', [table("dbo.A", ["Id"])], { schema: "pg_x" }],
  ["name of a column that cdc adds", [table("dbo.A", ["Id"], [column("Id"), column("__source")])], {}],
])("before anything is made it tells: %s", async (text, tables, config) => {
  await expect(contributed(tables, config)).rejects.toMatchObject({
    code: "CDC_SINK_TABLE",
    message: expect.stringContaining(text),
  });
});

test("the handlers find how to reach the server in their environment", () => {
  expect(infrastructure.environment({ connection_string }, context)).toEqual({
    PG_TASK_HOST: "db.example",
    PG_TASK_PORT: "5433",
    PG_TASK_USER: "me",
    PG_TASK_PASSWORD: "s3cret",
    PG_TASK_SSL: "require",
  });
});

describe("rows", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await deployTables(database, [sinkTable("dbo", "Filled"), sinkTable("dbo", "Empty")]);
    await database.query('INSERT INTO dbo."Filled" ("Id") SELECT generate_series(1, 10001)');
  });
  afterAll(async () => {
    await closePools();
    await database.drop();
  });

  test("of the deployed tables are counted, not to the end, and none in a table that is gone", async () => {
    const deployed = ["Filled", "Empty", "Gone"].map((name): DeployedTaskResource => {
      return { type: "SinkTable", name, outputs: { schema: "dbo", table: name } };
    });
    expect(await infrastructure.holdings?.(deployed, { ...database.config }, context)).toEqual([
      { name: "dbo.Filled", count: 10_000, orMore: true, noun: "rows" },
      { name: "dbo.Empty", count: 0, orMore: false, noun: "rows" },
      { name: "dbo.Gone", count: 0, orMore: false, noun: "rows" },
    ]);
  });
});
