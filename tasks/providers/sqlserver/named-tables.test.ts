import * as fc from "fast-check";
import { closePools } from "../../../databases/sqlserver/pool";
import { CdcError } from "../../../lib/errors";
import { openCaptureLab, type CaptureLab } from "../../../test/harness/capture-lab";
import type { ContributionContext } from "../../lifecycle/contribution";
import { tablesOf, type SqlServerInputConfig, type TableConfig } from "./config";
import { findTables } from "./find-tables";
import { infrastructure } from "./infrastructure";
import { namedTables } from "./named-tables";

const context: ContributionContext = { task: "t", environment: "task", signal: new AbortController().signal };
const TABLES = [
  ["dbo", "Orders"],
  ["sales", "Orders"],
  ["sales", "Customers"],
  ["dbo", "Order.Lines"],
  ["sales", "a]b"],
  ["hr", "T"],
  ["sales", "T"],
] as const;

let lab: CaptureLab;
beforeAll(async () => {
  lab = await openCaptureLab();
  await lab.run("CREATE SCHEMA sales");
  await lab.run("CREATE SCHEMA hr");
  for (const [schema, table] of [...TABLES, ["dbo", "Half"], ["sales", "Half"]] as const) {
    await lab.run(`CREATE TABLE ${bracketed(schema)}.${bracketed(table)} (Id int NOT NULL PRIMARY KEY, Total money)`);
    if (`${schema}.${table}` === "dbo.Half") continue;
    await lab.run(
      `EXEC sys.sp_cdc_enable_table @source_schema = N'${schema}', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0`,
    );
  }
});
afterAll(() => lab.close());

type Written = SqlServerInputConfig["tables"];

async function ofInit(tables: Written): Promise<string> {
  const { host, port, user, password = "", database } = lab.config;
  const config = { host, port, user, password, database, encrypt: false, tables };
  return told(async () => (await infrastructure.contribute(config, undefined, context)).tables ?? []);
}

async function ofRun(tables: Written): Promise<string> {
  return told(() => findTables(lab.config, tablesOf({ tables }), "never"));
}

async function told(work: () => Promise<readonly { schema: string; table: string }[]>): Promise<string> {
  try {
    return (await work()).map(({ schema, table }) => `${schema}/${table}`).join(" ");
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    return `${error.code}: ${error.message} ${error.hint ?? ""}`;
  } finally {
    closePools();
  }
}

function bracketed(name: string): string {
  return `[${name.replace(/]/g, "]]")}]`;
}

describe("init captures what run reads", () => {
  test.each<[Written, string]>([
    [["Orders"], "dbo/Orders"],
    [["dbo.Orders", "sales.orders"], "dbo/Orders sales/Orders"],
    [["[dbo].[Orders]", '"SALES"."Orders"'], "dbo/Orders sales/Orders"],
    [["DBO.ORDERS"], "dbo/Orders"],
    [[{ name: "Orders" }, { name: "customers", snapshot: "initial" }], "dbo/Orders sales/Customers"],
    [["Customers", "dbo.[Order.Lines]", "[a]]b]"], "sales/Customers dbo/Order.Lines sales/a]b"],
    [["T"], "CDC_INPUT_TABLE: table T may be hr.T or sales.T Name it with its schema, as it is spelled."],
    [["Orders", { name: "dbo.orders" }], "CDC_INPUT_TABLE: table dbo.Orders is named twice Name it once."],
    [["dbo.Customers"], "CDC_SOURCE_TABLE: there is no table dbo.Customers in "],
    [["Ordrs"], "CDC_SOURCE_TABLE: there is no table dbo.Ordrs in "],
  ])("%j", async (tables, expected) => {
    const init = await ofInit(tables);
    expect(init).toContain(expected);
    expect(await ofRun(tables)).toBe(init);
  });

  test("a table that is captured isn't taken for the one that is meant", async () => {
    expect(await ofInit(["Half"])).toBe("dbo/Half");
    expect(await ofRun(["Half"])).toContain("CDC_SOURCE_NO_INSTANCE: table dbo.Half isn't captured");
  });

  test("however they are written", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(writtenTable, { minLength: 1, maxLength: 4 }), async (tables) => {
        expect(await ofRun(tables)).toBe(await ofInit(tables));
      }),
      { numRuns: 60 },
    );
  });
});

const writtenTable = fc
  .record({
    place: fc.constantFrom(...TABLES, ["dbo", "nowhere"] as const),
    isBare: fc.boolean(),
    quote: fc.constantFrom(
      bracketed,
      (name: string) => `"${name}"`,
      (name: string) => name,
    ),
    spell: fc.constantFrom(
      (name: string) => name,
      (name: string) => name.toUpperCase(),
      (name: string) => name.toLowerCase(),
    ),
    form: fc.constantFrom<(name: string) => string | TableConfig>(
      (name) => name,
      (name) => ({ name }),
      (name) => ({ name, columns: ["Id"] }),
    ),
  })
  .map(({ place: [schema, table], isBare, quote, spell, form }) =>
    form((isBare ? [table] : [schema, table]).map((part) => quote(spell(part))).join(".")),
  );

describe("a database that tells case apart", () => {
  const tables = ["dbo.orders", "dbo.Orders", "Sales.T", "sales.T", "sales.t"].map((name) => {
    const [schema = "", table = ""] = name.split(".");
    return { schema, table };
  });
  const found = (name: string) => namedTables([name], tables, { ...lab.config, database: "d" });

  test.each([
    ["orders", "dbo.orders"],
    ["dbo.Orders", "dbo.Orders"],
    ["Sales.t", "Sales.T"],
    ["sales.t", "sales.t"],
  ])("%s is %s", (name, expected) => {
    expect(found(name).map(({ schema, table }) => `${schema}.${table}`)).toEqual([expected]);
  });

  test.each(["ORDERS", "dbo.oRDERS", "SALES.T", "T"])("%s may be several", (name) => {
    expect(() => found(name)).toThrow(expect.objectContaining({ code: "CDC_INPUT_TABLE" }));
  });
});
