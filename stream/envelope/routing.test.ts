import type { EnvelopeMetadata } from "../../model/envelope";
import type { TableShape } from "../../model/table-shape";
import { Rejection } from "../rejection";
import { namedTable, Router } from "./routing";

function shape(schema: string, table: string, extra: Partial<TableShape> = {}): TableShape {
  return {
    version: 1,
    schema,
    table,
    staging: `stg_${table}`,
    procedure: `sp_merge_${table}`,
    source: { schema: "dbo", table },
    key: ["id"],
    columns: [{ name: "id", type: "integer", nullable: false, source: "id" }],
    onDelete: "hard",
    transforms: [],
    ...extra,
  };
}

const SHAPES = [
  shape("cust01", "Actor", { tenant: "cust01", source: { database: "AdOpus01", schema: "dbo", table: "Actor" } }),
  shape("cust02", "Actor", { tenant: "cust02", source: { database: "AdOpus02", schema: "dbo", table: "Actor" } }),
  shape("directory", "Users", { source: { schema: "dbo", table: "People" } }),
  shape("directory", "Archive", { source: { schema: "old", table: "People" } }),
];

function target(parts: Partial<EnvelopeMetadata>): string {
  const found = new Router(SHAPES).route({ TableName: "Actor", OperationType: "Insert", LSN: "", ...parts });
  return found instanceof Rejection ? found.reason : namesOf(found);
}

function namesOf(shapes: readonly TableShape[]): string {
  return shapes.map((shape) => `${shape.schema}.${shape.table}`).join(" and ");
}

describe("the table of an event", () => {
  test.each<[Partial<EnvelopeMetadata>, string]>([
    [{ Tenant: "cust02" }, "cust02.Actor"],
    [{ Database: "AdOpus01", Schema: "dbo" }, "cust01.Actor"],
    [{ TableName: "People", Schema: "old" }, "directory.Archive"],
    [{ TableName: "People", Schema: "dbo", Database: "any" }, "directory.Users"],
    [{ TableName: "actor" }, "no deployed table takes table actor"],
    [
      { Tenant: "cust09", Database: "AdOpus01" },
      "no deployed table takes table Actor of database AdOpus01 of tenant cust09",
    ],
    [{}, "table Actor could go to cust01.Actor, cust02.Actor: add Tenant, Database or Schema, or name the table"],
  ])("of %j is %s", (metadata, expected) => {
    expect(target(metadata)).toBe(expected);
  });

  test("is the forced one whatever the event says", () => {
    const forced = namedTable(SHAPES, "cust02.Actor");
    expect(new Router(SHAPES, forced).route({ TableName: "x", OperationType: "Read", LSN: "" })).toEqual([forced]);
  });

  test("is not mixed up between neighbouring events", () => {
    const router = new Router(SHAPES);
    const of = (Tenant: string) => router.route({ TableName: "Actor", OperationType: "Read", LSN: "", Tenant });
    expect([of("cust01"), of("cust02"), of("cust02"), of("cust01")]).toEqual([
      [SHAPES[0]],
      [SHAPES[1]],
      [SHAPES[1]],
      [SHAPES[0]],
    ]);
  });
});

describe("a source table with several tables in the sink", () => {
  const origin = (number: string) => ({ database: `AdOpus${number}`, schema: "dbo", table: "Actor" });
  const shapes = [
    shape("cust01", "Actor", { tenant: "cust01", source: origin("01") }),
    shape("cust01", "person", { tenant: "cust01", source: origin("01") }),
    shape("cust02", "Actor", { tenant: "cust02", source: origin("02") }),
    shape("public", "all_actors", {
      source: { schema: "dbo", table: "Actor" },
      tenants: { cust01: "AdOpus01", cust02: "AdOpus02" },
    }),
  ];

  test.each<[Partial<EnvelopeMetadata>, string]>([
    [{ Tenant: "cust01" }, "cust01.Actor and cust01.person and public.all_actors"],
    [{ Database: "AdOpus02" }, "cust02.Actor and public.all_actors"],
    [{ Tenant: "cust09" }, "public.all_actors"],
    [
      { Schema: "dbo" },
      "table dbo.Actor could go to cust01.Actor, cust01.person, cust02.Actor, public.all_actors: add Tenant, Database or Schema, or name the table",
    ],
  ])("gives %j to all that have its source: %s", (metadata, expected) => {
    const found = new Router(shapes).route({ TableName: "Actor", OperationType: "Insert", LSN: "", ...metadata });
    expect(found instanceof Rejection ? found.reason : namesOf(found)).toBe(expected);
  });

  test("of one database needs no more than the table's name", () => {
    const source = { database: "Directory", schema: "dbo", table: "Person" };
    const two = [shape("directory", "Person", { source }), shape("archive", "Person", { source })];
    const found = new Router(two).route({ TableName: "Person", OperationType: "Insert", LSN: "" });
    expect(found).toEqual(two);
  });
});

describe("a table that the user names", () => {
  test("may leave out the schema when there is one of this name", () => {
    expect(namedTable(SHAPES, "Users")).toBe(SHAPES[2]);
  });

  test.each([
    ["Actor", "several deployed tables have this name"],
    ["cust09.Actor", "no deployed table has this name"],
  ])("%s is refused with the choices", (name, message) => {
    expect(() => namedTable(SHAPES, name)).toThrow(`--table ${name}: ${message}`);
    expect(() => namedTable(SHAPES, name)).toThrow(
      expect.objectContaining({ hint: "Use one of: cust01.Actor, cust02.Actor." }) as Error,
    );
  });
});
