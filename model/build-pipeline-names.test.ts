import fc from "fast-check";
import { column, config, customer, keyColumn, sinkTable, sourceTable, type ConfigParts } from "../test/fixtures/config";
import { buildPipeline } from "./build-pipeline";
import type { SinkTable } from "./sink";

const actor = sourceTable("dbo.Actor", [keyColumn("actno"), column("Navn", "nvarchar(50)")]);

function build(parts: ConfigParts) {
  const { model, problems } = buildPipeline(config(parts));
  const tables = model.sinks.flatMap((sink) => sink.tables);
  return { model, problems, tables, names: tables.map(nameOf) };
}

function nameOf(table: SinkTable): string {
  return `${table.schema}.${table.name}`;
}

describe("names", () => {
  test("Actor beside actor are two tables with all their own names", () => {
    const lower = sourceTable("dbo.actor", [keyColumn("actno")]);
    const { tables, problems } = build({
      sourceTables: [actor, lower],
      sinkTables: [sinkTable("Actor"), sinkTable("actor")],
    });
    expect(problems).toEqual([]);
    expect(tables.map(({ staging, procedure }) => [staging, procedure])).toEqual([
      ["stg_Actor", "sp_merge_Actor"],
      ["stg_actor", "sp_merge_actor"],
    ]);
  });

  test("a table really called stg_Actor beside Actor is an error naming both, once for all customers", () => {
    const odd = sourceTable("dbo.stg_Actor", [keyColumn("actno")]);
    const sources = [customer("north"), customer("south")];
    const { problems } = build({
      sources,
      sourceTables: [actor, odd],
      sinkTables: [sinkTable("Actor"), sinkTable("stg_Actor")],
    });
    expect(problems.map(({ text }) => text)).toEqual([
      "in schema north both the staging table of Actor and table stg_Actor would be named stg_Actor",
    ]);
  });

  test("one table twice is an error naming both entries", () => {
    const { problems } = build({ sourceTables: [actor], sinkTables: [sinkTable("Actor"), sinkTable("north.Actor")] });
    expect(problems[0]?.text).toContain("both table Actor and table north.Actor");
  });

  test("a source table in two schemas needs from:", () => {
    const twin = sourceTable("hr.Actor", [keyColumn("actno")]);
    expect(build({ sourceTables: [actor, twin], sinkTables: [sinkTable("Actor")] }).problems[0]?.hint).toBe(
      "say which with from:",
    );
  });

  test("a customer whose name PostgreSQL keeps is refused", () => {
    const { problems } = build({
      sources: [customer("pg_north")],
      sourceTables: [actor],
      sinkTables: [sinkTable("Actor")],
    });
    expect(problems[0]?.text).toContain("pg_");
  });

  test("any names of SQL Server give unique names of at most 63 bytes per schema", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 64 })
      .filter((one) => !/[.\p{Surrogate}\0]/u.test(one));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (list) => {
        const sourceTables = list.map((table) => ({ ...sourceTable("dbo.x", [keyColumn("id")]), table }));
        const sinkTables = list.map((table) => ({ ...sinkTable("x"), key: table, table }));
        const { tables, problems } = build({ sourceTables, sinkTables });
        const names = tables.flatMap((one) => [one.name, one.staging, one.procedure]);
        expect(names.every((one) => Buffer.byteLength(one) <= 63)).toBe(true);
        if (problems.length === 0) expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
});
