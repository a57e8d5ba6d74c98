import {
  column,
  config,
  customer,
  keyColumn,
  sinkTable,
  sourceTable,
  template,
  type ConfigParts,
} from "../test/fixtures/config";
import { buildPipeline } from "./build-pipeline";
import type { SinkTable } from "./sink";

const actor = sourceTable("dbo.Actor", [keyColumn("actno"), column("Navn", "nvarchar(50)")]);
const visit = sourceTable("dbo.Visit", [keyColumn("visitno"), column("Note", "nvarchar(max)")]);

function build(parts: ConfigParts) {
  const { model, problems } = buildPipeline(config(parts));
  const tables = model.sinks.flatMap((sink) => sink.tables);
  return { model, problems, tables, names: tables.map(nameOf) };
}

function nameOf(table: SinkTable): string {
  return `${table.schema}.${table.name}`;
}

describe("db-per-tenant", () => {
  const sources = [customer("north"), customer("south"), customer("west")];

  test.each([["{{SCHEMA}}.Actor"], ["Actor"], ["clinic.Actor"], ["clinics.Actor"]])(
    "%s is one table per customer",
    (key) => {
      const { names, model, tables } = build({ sources, sourceTables: [actor], sinkTables: [sinkTable(key)] });
      expect(names).toEqual(["north.Actor", "south.Actor", "west.Actor"]);
      expect(model.sinks[0]?.schemas).toEqual([
        { name: "north", tenant: "north" },
        { name: "south", tenant: "south" },
        { name: "west", tenant: "west" },
      ]);
      expect(tables[1]).toMatchObject({
        tenant: "south",
        source: { database: "Clinic_south", schema: "dbo", table: "Actor" },
      });
    },
  );

  test("26 customers: 26 sets of tables, each in its own schema", () => {
    const many = Array.from({ length: 26 }, (_, index) => customer(`cust${String(index + 1).padStart(2, "0")}`));
    const { names, model } = build({
      sources: many,
      sourceTables: [actor, visit],
      sinkTables: [sinkTable("{{SCHEMA}}.Actor"), sinkTable("{{SCHEMA}}.Visit")],
    });
    expect(new Set(names).size).toBe(52);
    expect(model.sinks[0]?.schemas).toHaveLength(26);
  });

  test("a customer's name as schema is that customer alone", () => {
    const { names, problems } = build({ sources, sourceTables: [actor], sinkTables: [sinkTable("south.Actor")] });
    expect([names, problems]).toEqual([["south.Actor"], []]);
  });

  test("a customer without the environment is left out with a note, also when named", () => {
    const some = [customer("north"), customer("south", {}, "prod")];
    const { names, model } = build({
      sources: some,
      sourceTables: [actor, visit],
      sinkTables: [sinkTable("Actor"), sinkTable("south.Visit")],
    });
    expect(names).toEqual(["north.Actor"]);
    expect(model.notes.some(({ text }) => text.includes("south"))).toBe(true);
  });

  test("another schema is one shared table, with a warning when the key lacks the customer", () => {
    const parts = {
      sources,
      sourceTables: [actor],
      sinkTables: [sinkTable("public.actor", { from: { schema: "dbo", table: "Actor" } })],
    };
    const { names, model, tables } = build(parts);
    expect(names).toEqual(["public.actor"]);
    expect(tables[0]).not.toHaveProperty("tenant");
    expect(model.notes).toContainEqual(
      expect.objectContaining({ severity: "warning", text: expect.stringContaining("customer_id") as string }),
    );
    expect(build({ ...parts, more: { strict: true } }).problems).toHaveLength(1);
  });

  test("target_exists is warned, never refused, when its key lacks the customer", () => {
    const sink = sinkTable("public.actor", { from: { table: "Actor" }, targetExists: true, columns: { id: "actno" } });
    const parts = { sources, sourceTables: [actor], sinkTables: [sink], more: { strict: true } };
    const { tables, model, problems } = build(parts);
    expect(tables[0]?.targetExists).toBe(true);
    expect(problems).toEqual([]);
    expect(model.notes.filter(({ severity }) => severity === "warning")).toEqual([
      {
        severity: "warning",
        object: "public.actor",
        text: "collects the rows of all customers and has no customer_id: add a column template customer_id and put it into primary_key:",
      },
    ]);
  });

  describe("one table of all customers with each customer's own value", () => {
    const templates = [template("customer_id", { notNull: true, value: "{clinics.sources.*.customer_id}" })];
    const own = [customer("north", { customer_id: "n1" }), customer("south", { customer_id: "s1" })];
    const shared = sinkTable("public.customer_user", {
      from: { table: "Actor" },
      templates: [{ template: "customer_id", at: actor.at }],
      primaryKey: ["_customer_id", "actno"],
    });

    test("has the values by customer, and the databases that tell the customer", () => {
      const { tables, problems, model } = build({
        sources: own,
        sourceTables: [actor],
        sinkTables: [shared],
        templates,
      });
      expect([problems, model.notes]).toEqual([[], []]);
      expect(tables).toHaveLength(1);
      expect(tables[0]).toMatchObject({
        tenants: { north: "Clinic_north", south: "Clinic_south" },
        transforms: [],
        key: ["_customer_id", "actno"],
      });
      const column = tables[0]?.columns.find(({ name }) => name === "_customer_id");
      expect(column).toMatchObject({ nullable: false, constants: { north: "n1", south: "s1" } });
      expect(column).not.toHaveProperty("constant");
    });

    test("is warned while the key lacks the value", () => {
      const { primaryKey: _key, ...unkeyed } = shared;
      const { model } = build({ sources: own, sourceTables: [actor], sinkTables: [unkeyed], templates });
      expect(model.notes).toMatchObject([
        { severity: "warning", text: expect.stringContaining("no customer_id in its key") as string },
      ]);
    });

    test("is refused when a customer has no value", () => {
      const { problems } = build({
        sources: [...own, customer("west")],
        sourceTables: [actor],
        sinkTables: [shared],
        templates,
      });
      expect(problems.map(({ text }) => text)).toEqual(["clinics.sources.west has no customer_id in environment dev"]);
    });
  });

  test("a table renamed with from: keeps its source", () => {
    const { tables } = build({
      sourceTables: [actor],
      sinkTables: [sinkTable("{{SCHEMA}}.person", { from: { schema: "dbo", table: "Actor" } })],
    });
    expect(tables[0]).toMatchObject({
      name: "person",
      staging: "stg_person",
      procedure: "sp_merge_person",
      source: { schema: "dbo", table: "Actor" },
    });
  });

  test("each customer's own value of a source_ref is a constant of its tables", () => {
    const ids = ["6f9619ff-8b86-4011-b42d-00c04fc964f1", "6f9619ff-8b86-4011-b42d-00c04fc964f2"];
    const use = { template: "customer_id", at: actor.at };
    const templates = [
      template("customer_id", { type: "uuid", notNull: true, value: "{clinics.sources.*.customer_id}" }),
    ];
    const some = ids.map((id, index) => customer(`c${String(index)}`, { customer_id: id }));
    const { tables, problems } = build({
      sources: some,
      sourceTables: [actor],
      sinkTables: [sinkTable("Actor", { templates: [use] })],
      templates,
    });
    expect(problems).toEqual([]);
    expect(tables.map(({ columns }) => columns.find(({ name }) => name === "_customer_id")?.constant)).toEqual(ids);
  });

  test("a customer without the value, and one whose value is no uuid, are errors where they stand", () => {
    const use = { template: "customer_id", at: actor.at };
    const templates = [
      template("customer_id", { type: "uuid", notNull: true, value: "{clinics.sources.*.customer_id}" }),
    ];
    const some = [customer("a"), customer("b", { customer_id: "12" })];
    const sinkTables = [sinkTable("Actor", { templates: [use] }), sinkTable("Visit", { templates: [use] })];
    const { problems } = build({ sources: some, sourceTables: [actor, visit], sinkTables, templates });
    expect(problems.map(({ at, text }) => [at.file, text])).toEqual([
      ["source-groups.yaml", "clinics.sources.a has no customer_id in environment dev"],
      ["source-groups.yaml", "the value of column _customer_id is no uuid"],
    ]);
  });

  test("literal, sql and Bloblang values", () => {
    const templates = [
      template("site", { value: "north" }),
      template("loaded", { type: "timestamptz", valueSource: "sql", value: "now()" }),
      template("table", { value: 'meta("table")' }),
      template("label", { valueSource: "bloblang", value: '"a \\"b\\""' }),
      template("hash", { value: 'this.hash("sha256")' }),
    ];
    const uses = templates.map(({ key }) => ({ template: key, at: actor.at }));
    const { tables } = build({
      sourceTables: [actor],
      sinkTables: [sinkTable("Actor", { templates: uses })],
      templates,
    });
    const columns = tables[0]?.columns.filter(({ origin }) => origin === "template") ?? [];
    expect(columns.map(({ constant, default: expression }) => constant ?? expression)).toEqual([
      "north",
      "now()",
      "Actor",
      'a "b"',
      undefined,
    ]);
    expect(tables[0]?.transforms).toEqual(['column _hash: this.hash("sha256")']);
  });

  test("applies_to attaches a template by pattern", () => {
    const templates = [template("site", { value: "x", appliesTo: "dbo.V*" })];
    const { tables } = build({
      sourceTables: [actor, visit],
      sinkTables: [sinkTable("Actor"), sinkTable("Visit")],
      templates,
    });
    expect(tables.map(({ columns }) => columns.some(({ name }) => name === "_site"))).toEqual([false, true]);
  });

  test("customers with equal columns share one array", () => {
    const { tables } = build({ sources, sourceTables: [actor], sinkTables: [sinkTable("Actor")] });
    expect(tables[0]?.columns).toBe(tables[2]?.columns);
  });

  test("a wrong environment names the nearest", () => {
    const { problems } = build({
      sources,
      sourceTables: [actor],
      sinkTables: [sinkTable("Actor")],
      more: { environment: "dve" },
    });
    expect(problems).toMatchObject([{ text: expect.stringContaining("dve") as string, hint: 'did you mean "dev"?' }]);
  });
});

describe("db-shared", () => {
  const shared = { pattern: "db-shared" as const, sources: [customer("clinic"), customer("billing")] };
  const tenantColumn = column("customer_id", "uniqueidentifier");
  const person = sourceTable("dbo.Person", [keyColumn("Id"), tenantColumn]);

  test("the schema is the service", () => {
    const { names, problems, model } = build({
      ...shared,
      sourceTables: [person],
      sinkTables: [sinkTable("{{SCHEMA}}.Person")],
    });
    expect([names, problems, model.sinks[0]?.schemas]).toEqual([["clinic.Person"], [], [{ name: "clinic" }]]);
  });

  test("a table without customer_id is a warning, and an error when strict", () => {
    const parts = { ...shared, sourceTables: [actor], sinkTables: [sinkTable("Actor")] };
    expect(build(parts).model.notes).toContainEqual(expect.objectContaining({ severity: "warning", object: "Actor" }));
    expect(build({ ...parts, more: { strict: true } }).problems[0]?.text).toBe("Actor has no customer_id");
  });

  test("a column template counts as customer_id", () => {
    const templates = [template("customer_id", { type: "uuid" })];
    const use = { template: "customer_id", at: actor.at };
    const { problems } = build({
      ...shared,
      sourceTables: [actor],
      sinkTables: [sinkTable("Actor", { templates: [use] })],
      templates,
      more: { strict: true },
    });
    expect(problems).toEqual([]);
  });

  test("a service that is no source is an error with the nearest word", () => {
    const { problems } = build({
      ...shared,
      sources: [customer("clinik")],
      sourceTables: [person],
      sinkTables: [sinkTable("Person")],
    });
    expect(problems[0]?.hint).toBe('did you mean "clinik"?');
  });
});
