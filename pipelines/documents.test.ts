import fc from "fast-check";
import { join, resolve } from "node:path";
import { loadPipelineModels } from "../config";
import { buildPipeline } from "../model/build-pipeline";
import type { PipelineModel } from "../model/sink";
import { stagingTableProps, sinkTableProps } from "../sql/plans/from-model";
import { planSinkTable } from "../sql/plans/sink-table";
import { planStagingTable } from "../sql/plans/staging-table";
import { column, config, customer, keyColumn, sinkTable, sourceTable } from "../test/fixtures/config";
import { pipelineModel, sinkTable as modelTable } from "../test/harness/sink-model";
import { parseDocument, type PipelineDocument } from "./document";
import { pipelineDocuments } from "./generate";
import { lintDocument } from "./lint/lint-document";
import { lintMappings, lintTables, namedTables } from "./lint/lint-model";

const EXAMPLES = resolve(__dirname, "../examples");
const SETTINGS = { connection: "sink:dev:main.test", database: "test" };

function documentsOf(models: readonly PipelineModel[]): PipelineDocument[] {
  return pipelineDocuments(models, join(EXAMPLES, "none"));
}

/** Tables with their columns as the DDL of final and staging tables names them, without what cdc adds and templates fill. */
function deployed(models: readonly PipelineModel[]): string[] {
  return models.flatMap((model) =>
    model.sinks.flatMap((sink) =>
      sink.tables.map((table) => {
        const staging = planStagingTable(undefined, stagingTableProps(table, SETTINGS)).statements.join(";");
        const final = planSinkTable(undefined, sinkTableProps(table, SETTINGS)).statements.join(";");
        const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
        const fed = table.columns.filter(({ origin, constant, constants, default: standard }) => {
          return origin !== "metadata" && constant === undefined && constants === undefined && standard === undefined;
        });
        for (const { name } of fed) {
          expect(staging).toMatch(new RegExp(`${escaped(quoted(name))}|\\b${escaped(name)}\\b`));
          if (!table.targetExists) expect(final).toMatch(new RegExp(`${escaped(quoted(name))}|\\b${escaped(name)}\\b`));
        }
        return [table.schema, table.name, ...fed.map(({ name }) => name)].join("|");
      }),
    ),
  );
}

/** The same as the sink documents name it. */
function named(documents: readonly PipelineDocument[]): string[] {
  const sinks = documents.filter(({ kind }) => kind === "connect-sink");
  return sinks.flatMap(({ text }) =>
    (namedTables(text) ?? []).map(({ schema, table, columns }) => [schema, table, ...Object.keys(columns)].join("|")),
  );
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function expectFine(models: readonly PipelineModel[]): void {
  const documents = documentsOf(models);
  expect(new Set(named(documents))).toEqual(new Set(deployed(models)));
  for (const document of documents) {
    expect(lintDocument(document)).toEqual([]);
    if (document.kind === "connect-sink") expect(lintTables(document, models)).toEqual([]);
    expect(Buffer.byteLength(document.text)).toBeLessThan(1_000_000);
  }
}

describe("the documents", () => {
  test.each(["db-per-tenant", "db-shared"])(
    "of example %s name the tables and columns that its DDL names",
    (example) => {
      for (const environment of ["dev", "prod"])
        expectFine(loadPipelineModels(join(EXAMPLES, example), { environment, env: {} }));
    },
  );

  test("of any model name the tables and columns of its DDL, whatever their names hold", () => {
    const name = fc
      .string({
        unit: fc.constantFrom("a", "B", "_", ".", "~", " ", "æ", '"', "'", "\\", "$", "{", "%", "#"),
        minLength: 1,
        maxLength: 8,
      })
      .map((text) => `n${text}`);
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 });
    const run = (tables: string[], columns: string[], customers: string[]) => {
      const definition = [keyColumn("Key"), ...columns.map((one) => column(one, "nvarchar(50)"))];
      const { model, problems } = buildPipeline(
        config({
          sources: customers.map((one) => customer(`c${one.replaceAll(/[^a-zB_]/g, "")}`)).slice(0, 1),
          sourceTables: tables.map((table) => ({ ...sourceTable("dbo.x", definition), table })),
          sinkTables: tables.map((table) => ({
            ...sinkTable("{{SCHEMA}}.x", { from: { schema: "dbo", table } }),
            table,
          })),
        }),
      );
      fc.pre(problems.length === 0);
      expectFine([model]);
    };
    fc.assert(fc.property(names, names, names, run), { numRuns: 60 });
  });

  test("are the same bytes each time, and three customers have three sets", () => {
    const models = loadPipelineModels(join(EXAMPLES, "db-per-tenant"), { environment: "dev", env: {} });
    const documents = documentsOf(models);
    expect(documentsOf(models)).toEqual(documents);
    expect(documents.map(({ path }) => path)).toEqual(
      ["elv", "fjord", "skog"]
        .flatMap((one) => [`sinks/main.clinic/${one}.jdbc.json`, `sinks/main.clinic/${one}.yaml`])
        .concat(
          ["elv", "fjord", "skog"].flatMap((one) => [`sources/${one}.connect.yaml`, `sources/${one}.debezium.json`]),
        )
        .map((path) => `dev/clinic/${path}`),
    );
  });

  test("have one pool per database, and secrets only as variables of the runtime", () => {
    const documents = documentsOf(
      loadPipelineModels(join(EXAMPLES, "db-per-tenant"), { environment: "prod", env: {} }),
    );
    for (const { text, kind } of documents.filter((one) => one.kind.startsWith("connect"))) {
      expect(text.match(/sql_raw:/g) ?? []).toHaveLength(kind === "connect-sink" ? 1 : 0);
      expect(text).toMatch(/\$\{(PG|MSSQL)_PROD_PASSWORD\}/);
    }
    const debezium = documents.find(({ path }) => path.endsWith("fjord.debezium.json"));
    const { config: settings } = parseDocument(debezium?.text ?? "") as { config: Record<string, string> };
    expect(settings).toMatchObject({
      "database.password": "${env:MSSQL_PROD_PASSWORD}",
      "database.names": "Clinic_Fjord",
      "decimal.handling.mode": "string",
      "time.precision.mode": "isostring",
    });
    expect(settings["column.include.list"]).not.toContain("NationalId");
  });

  test("refuse topics that Kafka would take for one", () => {
    const table = (name: string, schema: string) =>
      modelTable("c", name, { tenant: "c", source: { schema, table: name } });
    const model = pipelineModel([table("a_b", "s"), table("b", "s_a")], {});
    const two = { ...model, kafka: { ...model.kafka, topic: "x_{schema}.{schema}.{table}" } };
    expect(() => documentsOf([two, two])).toThrow(expect.objectContaining({ code: "CDC_TOPIC_COLLISION" }));
  });

  test("run nothing before Kafka that only one of several tables wants", () => {
    const mappings = [{ kind: "filter", stage: "source", name: "adults", text: "root = true" }] as const;
    const source = { schema: "dbo", table: "T" };
    const one = modelTable("c", "T", { tenant: "c", source, mappings });
    expect(documentsOf([pipelineModel([one])])).toHaveLength(3);
    const two = pipelineModel([one, modelTable("c", "copy", { tenant: "c", source })]);
    expect(() => documentsOf([two])).toThrow(
      expect.objectContaining({
        code: "CDC_MAPPING_STAGE",
        message: expect.stringContaining("dbo.T feeds 2") as string,
      }),
    );
  });

  test("need the files of their transforms", () => {
    const mappings = [{ kind: "filter", stage: "sink", name: "adults" }] as const;
    const model = pipelineModel([modelTable("c", "T", { tenant: "c", mappings })]);
    expect(() => documentsOf([model])).toThrow(
      expect.objectContaining({ code: "CDC_MAPPING_MISSING", message: expect.stringContaining("c.T") as string }),
    );
    expect(lintMappings([model])).toEqual([{ path: "adults", line: 0, text: "its file is missing (table T)" }]);
  });
});
