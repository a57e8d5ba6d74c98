import { SourceLab } from "../../../test/harness/source-lab";
import type { ContributionContext } from "../../lifecycle/contribution";
import { infrastructure } from "./infrastructure";

const context: ContributionContext = { task: "t", environment: "task", signal: new AbortController().signal };

let lab: SourceLab;
let connection_string: string;

beforeAll(async () => {
  lab = await SourceLab.open();
  const database = await lab.database(
    "CREATE TABLE dbo.Orders (Id int NOT NULL PRIMARY KEY, Total money NOT NULL, Twice AS (Total * 2))",
    "CREATE SCHEMA sales",
    "CREATE TABLE sales.Customers (Id int NOT NULL PRIMARY KEY)",
    "CREATE TABLE dbo.[Order.Lines] (Id int NOT NULL PRIMARY KEY)",
  );
  const { host, port, user, password } = lab.config(database);
  connection_string = `Server=${host},${port};Database=${database};User ID=${user};Password={${password}};Encrypt=false`;
});

afterAll(() => lab.close());

test("every named table is captured, after its database, with the columns that can be", async () => {
  const tables = [{ name: "orders", columns: ["Total", "Id"] }, "sales.Customers", { name: "dbo.[Order.Lines]" }];
  const { resources, tables: found } = await infrastructure.contribute(
    { connection_string, tables },
    undefined,
    context,
  );
  const [database, ...captures] = resources;
  expect(database).toMatchObject({
    type: "SourceDatabaseCdc",
    args: { connection: "source:task:input", manage: true },
  });
  expect(captures.map(({ type, name, dependsOn }) => [type, name.replace(/^.*\//, ""), dependsOn])).toEqual(
    ["dbo.Orders", "sales.Customers", "dbo.Order.Lines"].map((name) => {
      return ["SourceTableCdc", name, [`SourceDatabaseCdc ${database?.name ?? ""}`]];
    }),
  );
  expect(captures[0]?.args).toMatchObject({ schema: "dbo", table: "Orders", captured: "Id|Total", sinks: "task:t|" });
  const told = found?.map(({ schema, table, definition }) => {
    return [schema, table, definition?.primaryKey, definition?.columns.map(({ name }) => name)];
  });
  expect(told).toEqual([
    ["dbo", "Orders", ["Id"], ["Id", "Total"]],
    ["sales", "Customers", ["Id"], ["Id"]],
    ["dbo", "Order.Lines", ["Id"], ["Id"]],
  ]);
  expect(JSON.stringify(resources)).not.toContain(lab.config("master").password);
});

test.each([
  ["Ordrs", "Did you mean dbo.Orders?"],
  ["dbo.Customers", "Did you mean sales.Customers?"],
  ["Things", "This login sees dbo.[Order.Lines], dbo.Orders, sales.Customers."],
])("a table that isn't there is told: %s", async (name, hint) => {
  const config = { connection_string, tables: [name] };
  await expect(infrastructure.contribute(config, undefined, context)).rejects.toMatchObject({
    code: "CDC_SOURCE_TABLE",
    message: expect.stringContaining(`there is no table dbo.${name.replace("dbo.", "")} in `),
    hint,
  });
});

test.each([
  ["Totl", "Did you mean Total?"],
  ["Twice", "SQL Server captures no computed column."],
])("a column that can't be read is told: %s", async (name, hint) => {
  const config = { connection_string, tables: [{ name: "Orders", columns: ["Id", name] }] };
  await expect(infrastructure.contribute(config, undefined, context)).rejects.toMatchObject({
    code: "CDC_SOURCE_TABLE",
    message: `table dbo.Orders has no column ${name} that can be read`,
    hint,
  });
});

test("the handlers find how to reach the server in their environment", () => {
  const text = "Server=db.example;Database=erp;User ID=me;Password={a;b};TrustServerCertificate=true";
  expect(infrastructure.environment({ connection_string: text }, context)).toEqual({
    MSSQL_TASK_HOST: "db.example",
    MSSQL_TASK_PORT: "1433",
    MSSQL_TASK_USER: "me",
    MSSQL_TASK_PASSWORD: "a;b",
    MSSQL_TASK_ENCRYPT: "true",
    MSSQL_TASK_TRUST_SERVER_CERTIFICATE: "true",
  });
});
