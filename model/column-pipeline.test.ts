import fc from "fast-check";
import { column, config, keyColumn, sinkTable, sourceTable, template } from "../test/fixtures/config";
import { buildColumns } from "./column-pipeline";
import type { SinkTableConfig, SourceTableConfig } from "./config";
import { Findings } from "./findings";
import { METADATA_COLUMNS } from "./metadata-columns";
import { NO_MAPPING, type TypeMapping } from "./type-mapping";

function build(
  source: SourceTableConfig,
  sink: SinkTableConfig = sinkTable("{{SCHEMA}}.Actor"),
  mapping: TypeMapping = NO_MAPPING,
) {
  const findings = new Findings();
  const templates = [
    template("customer_id", { type: "uuid", notNull: true }),
    template("loaded", { type: "timestamptz", default: "now()" }),
  ];
  const built = buildColumns(
    source,
    sink,
    config({ sourceTables: [source], sinkTables: [sink], templates, more: { mapping } }),
    findings,
  );
  return { ...built, problems: findings.problems, names: built.columns.map(({ name }) => name) };
}

const actor = () => [
  keyColumn("actno"),
  column("Navn", "nvarchar(50)"),
  column("Fodt", "date"),
  column("Cv", "nvarchar(max)", { nullable: false }),
];

describe("column pipeline", () => {
  test("runs from the schema YAML to the metadata columns, in order", () => {
    const source = sourceTable("dbo.Actor", actor(), { ignoreColumns: ["Fodt"] });
    const use = { template: "loaded", at: source.at };
    const built = build(source, sinkTable("{{SCHEMA}}.Actor", { columns: { full_name: "Navn" }, templates: [use] }));
    expect(built.problems).toEqual([]);
    expect(built.names).toEqual(["actno", "full_name", "Cv", "_loaded", ...METADATA_COLUMNS.map(({ name }) => name)]);
    expect(built.columns[1]).toEqual({
      name: "full_name",
      type: "varchar(50)",
      nullable: true,
      origin: "source",
      source: "Navn",
      sourceType: "nvarchar(50)",
    });
    expect(built.columns[3]).toMatchObject({ origin: "template", default: "now()" });
    expect(built.key).toEqual(["actno"]);
  });

  test("a key column whose type keeps less than the source's is told, since two rows could become one", () => {
    const key = [keyColumn("At", "datetime2(7)"), keyColumn("Zone", "datetimeoffset(3)"), keyColumn("No")];
    const { notes } = build(sourceTable("dbo.Actor", key));
    expect(notes).toEqual([
      {
        severity: "warning",
        object: "dbo.Actor.At",
        text: "part of the key, and datetime2(7) keeps 6 of 7 fraction digits: rows that differ in nothing else become one row; choose varchar(40) for it in type-mapping.yaml",
      },
    ]);
  });

  test("ignore_columns: the column is nowhere in the model, so neither in DDL nor in loading", () => {
    const built = build(
      sourceTable("dbo.Actor", [...actor(), column("Col06Decimal", "decimal(10,2)")], {
        ignoreColumns: ["Col06Decimal"],
      }),
    );
    expect(JSON.stringify(built)).not.toContain("Col06Decimal");
  });

  test("include_columns keeps those alone", () => {
    expect(build(sourceTable("dbo.Actor", actor(), { includeColumns: ["actno", "Navn"] })).names.slice(0, 3)).toEqual([
      "actno",
      "Navn",
      "__sync_timestamp",
    ]);
  });

  test("a large object is nullable in the sink, with a note", () => {
    const built = build(sourceTable("dbo.Actor", actor()));
    expect(built.columns.find(({ name }) => name === "Cv")).toMatchObject({ type: "text", nullable: true });
    expect(built.notes).toContainEqual(
      expect.objectContaining({ object: "dbo.Actor.Cv", text: expect.stringContaining("nullable") as string }),
    );
  });

  test("a computed column is left out with a note", () => {
    const built = build(
      sourceTable("dbo.Actor", [...actor(), { name: "Total", nullable: true, primaryKey: false, computed: true }]),
    );
    expect(built.names).not.toContain("Total");
    expect(built.notes).toContainEqual(expect.objectContaining({ object: "dbo.Actor.Total", severity: "info" }));
  });

  test("source-type override: it decides the type, for its column alone", () => {
    const columns = {
      "dbo.Actor": { actno: { side: "source", type: "bigint" }, Navn: { side: "sink", type: "text" } },
    } as const;
    const built = build(sourceTable("dbo.Actor", actor()), undefined, { ...NO_MAPPING, columns });
    expect(built.columns.slice(0, 2).map(({ type }) => type)).toEqual(["bigint", "text"]);
  });

  test("table without PK: an error that names the choices, never a table without staging", () => {
    const built = build(sourceTable("dbo.Actor", [column("Navn", "nvarchar(50)")]));
    expect(built.problems).toMatchObject([
      { text: "dbo.Actor has no primary key", hint: expect.stringMatching(/unique index.*primary_key/) as string },
    ]);
  });

  test("primary_key of the sink table wins over the service file, the schema YAML and the flags", () => {
    const source = sourceTable("dbo.Actor", actor());
    const definition = { ...source.definition, primaryKey: ["Navn"] };
    expect(build({ ...source, definition }).key).toEqual(["Navn"]);
    expect(build({ ...source, definition, primaryKey: ["Fodt"] }).key).toEqual(["Fodt"]);
    const sink = sinkTable("{{SCHEMA}}.Actor", { primaryKey: ["full_name", "actno"], columns: { full_name: "Navn" } });
    const built = build({ ...source, definition, primaryKey: ["Fodt"] }, sink);
    expect(built.key).toEqual(["full_name", "actno"]);
    expect(built.columns.find(({ name }) => name === "full_name")?.nullable).toBe(false);
  });

  test("a renamed key column is found by its source name", () => {
    expect(
      build(sourceTable("dbo.Actor", actor()), sinkTable("{{SCHEMA}}.Actor", { columns: { id: "actno" } })).key,
    ).toEqual(["id"]);
  });

  test.each([
    ["ignored", { ignoreColumns: ["actno"] }, "ignore_columns"],
    ["a large object", { primaryKey: ["Cv"] }, "large object"],
    ["not included", { includeColumns: ["Navn"] }, "does not reach the sink"],
    ["unknown", { primaryKey: ["actn"] }, "does not exist"],
    ["given twice", { primaryKey: ["actno", "actno"] }, "twice"],
  ])("a key column that is %s is an error", (_title, more, text) => {
    const { problems } = build(sourceTable("dbo.Actor", actor(), more));
    expect(problems.map((problem) => problem.text).join()).toContain(text);
  });

  test("a computed key column is an error", () => {
    const { problems } = build(sourceTable("dbo.Actor", [column("Id", "int", { primaryKey: true, computed: true })]));
    expect(problems[0]?.text).toContain("computed");
  });

  test("two columns of one name are an error naming both", () => {
    const { problems } = build(
      sourceTable("dbo.Actor", actor()),
      sinkTable("{{SCHEMA}}.Actor", { columns: { Navn: "Fodt" } }),
    );
    expect(problems[0]?.text).toBe(
      "two columns of {{SCHEMA}}.Actor are named Navn: source column Navn and source column Fodt",
    );
  });

  test("a column named like one of ours is an error", () => {
    const { problems } = build(sourceTable("dbo.Actor", [...actor(), column("__kafka_offset", "int")]));
    expect(problems[0]?.text).toContain("__kafka_offset");
  });

  test("misspelt columns and templates come with the nearest word, all at once", () => {
    const source = sourceTable("dbo.Actor", actor(), { ignoreColumns: ["Navm"] });
    const sink = sinkTable("{{SCHEMA}}.Actor", {
      columns: { x: "Fodd" },
      templates: [{ template: "costumer_id", at: source.at }],
    });
    expect(build(source, sink).problems.map(({ hint }) => hint)).toEqual([
      'did you mean "Navn"?',
      'did you mean "Fodt"?',
      'did you mean "customer_id"?',
    ]);
  });

  test("an existing table takes the mapped columns alone", () => {
    const sink = sinkTable("public.actor", { targetExists: true, columns: { id: "actno", name: "Navn" } });
    const built = build(sourceTable("dbo.Actor", actor()), sink);
    expect(built.names.slice(0, 3)).toEqual(["id", "name", "__sync_timestamp"]);
    expect(built.notes[0]?.text).toContain("Fodt, Cv");
  });

  test("length, precision and scale survive the whole pipeline", () => {
    const digits = fc
      .integer({ min: 1, max: 38 })
      .chain((precision) => fc.tuple(fc.constant(precision), fc.integer({ min: 0, max: precision })));
    const type = fc.oneof(
      fc.integer({ min: 1, max: 4000 }).map((length) => [`nvarchar(${String(length)})`, `varchar(${String(length)})`]),
      fc.integer({ min: 1, max: 4000 }).map((length) => [`NCHAR(${String(length)})`, `char(${String(length)})`]),
      digits.map(([precision, scale]) => [
        `decimal(${String(precision)}, ${String(scale)})`,
        `numeric(${String(precision)},${String(scale)})`,
      ]),
      fc.integer({ min: 0, max: 6 }).map((scale) => [`datetime2(${String(scale)})`, `timestamp(${String(scale)})`]),
    );
    const columns = fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }), type), {
      selector: ([name]) => name,
      maxLength: 12,
    });
    fc.assert(
      fc.property(columns, (list) => {
        const source = sourceTable("dbo.Actor", [
          keyColumn("the key"),
          ...list.map(([name, [from = ""]]) => column(name, from)),
        ]);
        const { columns: built, problems } = build(source);
        if (problems.length > 0) return;
        expect(built.slice(1, 1 + list.length).map((one) => one.type)).toEqual(list.map(([, [, to]]) => to));
        expect(built.every(({ name }) => Buffer.byteLength(name) <= 63)).toBe(true);
        expect(new Set(built.map(({ name }) => name)).size).toBe(built.length);
      }),
    );
  });
});
