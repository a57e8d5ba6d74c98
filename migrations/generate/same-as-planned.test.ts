import fc from "fast-check";
import { join } from "node:path";
import { loadEveryEnvironment } from "../../config/environments";
import { serviceModels, type ServiceModels } from "../../test/arbitraries/service-models";
import type { PipelineModel, SinkTable } from "../../model/sink";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "../../sql/plans/from-model";
import { mergeProcedureOutputs, planMergeProcedure } from "../../sql/plans/merge-procedure";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { planSinkTable } from "../../sql/plans/sink-table";
import { planStagingTable, stagingDefinition } from "../../sql/plans/staging-table";
import { shapeOfProps } from "../../sql/plans/table-shape";
import { desiredFor, desiredTable } from "../desired";
import { parseManifest, renderManifest } from "../manifest-file";
import { bodyOf, isIntact, parseFile, type MigrationFile } from "../migration-file";
import { unitsOf, type Manifest, type Unit } from "../migration-set";
import { schemaStatements } from "../schema-blocks";
import { substitute } from "../substitute";
import { gatherSinks } from "./gather";
import { planFolder } from "./plan-folder";

const SETTINGS = { connection: "c", database: "d", applicationRole: "app role" };

describe("generated files, filled in", () => {
  test("are byte for byte what the planner gives for each customer, environment and table, whatever the names", () => {
    fc.assert(
      fc.property(serviceModels, (input) => {
        const { manifest, files } = generated(input);
        for (const model of input.models) expectSameAsPlanned(model, manifest, files);
      }),
      { numRuns: 120 },
    );
  });

  test.each(["db-per-tenant", "db-shared"])("are so for the example %s, in every environment", (example) => {
    const directory = join(__dirname, "../../examples", example);
    const services = loadEveryEnvironment(directory, { env: {}, applicationRole: SETTINGS.applicationRole });
    for (const input of services) {
      expect(input.models.map(({ environment }) => environment)).toEqual(["dev", "prod"]);
      const { manifest, files } = generated(input);
      for (const model of input.models) expectSameAsPlanned(model, manifest, files);
    }
  });

  test("come back as the properties that they were made from", () => {
    fc.assert(
      fc.property(serviceModels, (input) => {
        const { manifest, files } = generated(input);
        for (const model of input.models)
          for (const unit of unitsOf(manifest, model.environment)) expectReadBack(tableOf(model, unit), unit, files);
      }),
      { numRuns: 80 },
    );
  });
});

function generated(input: ServiceModels): { manifest: Manifest; files: ReadonlyMap<string, MigrationFile> } {
  const [sink] = gatherSinks([input]);
  if (sink === undefined) throw new Error("no sink");
  const plan = planFolder(sink, undefined, {}, []);
  const files = plan.files.map(({ path, text }) => [path, parseFile(path, text)] as const);
  expect(files.every(([, file]) => isIntact(file))).toBe(true);
  expect(new Set(files.map(([path]) => path.toLowerCase())).size).toBe(files.length);
  return { manifest: parseManifest("manifest.yaml", renderManifest(plan.manifest)), files: new Map(files) };
}

function expectSameAsPlanned(
  model: PipelineModel,
  manifest: Manifest,
  files: ReadonlyMap<string, MigrationFile>,
): void {
  const units = unitsOf(manifest, model.environment);
  const placed = units.map(({ entry, target }) => `${target.schema}.${entry.table}`).sort();
  expect(placed).toEqual(
    model.sinks.flatMap(({ tables }) => tables.map(({ schema, name }) => `${schema}.${name}`)).sort(),
  );
  for (const unit of units) {
    const table = tableOf(model, unit);
    const [own, staging] = bodiesOf(unit, files).map((body) => substitute(body, unit.target));
    const made = bodyOf(planSinkTable(undefined, sinkTableProps(table, SETTINGS)).statements);
    expect(table.targetExists ? own?.slice(0, made.length) : own).toBe(made);
    const staged = planStagingTable(undefined, stagingTableProps(table, SETTINGS)).statements;
    const merged = planMergeProcedure(undefined, mergeProcedureProps(table, SETTINGS)).statements;
    expect(staging).toBe(bodyOf([...staged, ...merged]));
  }
  for (const { name } of model.sinks.flatMap(({ schemas }) => schemas)) {
    const body = files.get("00-infrastructure/01-create-schemas.sql")?.body ?? "";
    const planned = planSinkSchema(undefined, { schemaVersion: 1, ...SETTINGS, name });
    expect(schemaStatements(body, { schema: name })).toBe(bodyOf(planned.statements));
  }
}

function expectReadBack(table: SinkTable, { entry, target }: Unit, files: ReadonlyMap<string, MigrationFile>): void {
  const [own, staging] = entry.files.map(({ file }) => files.get(file));
  if (own === undefined || staging === undefined) throw new Error("a file is missing");
  const desired = desiredFor(desiredTable(entry.kind, own, staging), target);
  const props = mergeProcedureProps(table, SETTINGS);
  const { columns, key, schema, onDelete, applicationRole } = sinkTableProps(table, SETTINGS);
  expect(desired.table).toMatchObject({ columns, key, schema, onDelete, applicationRole, table: table.name });
  const order = table.columns.filter(({ origin }) => origin !== "metadata").map(({ name }) => name);
  expect(desired.table.order).toEqual(table.targetExists ? undefined : order);
  expect(stagingDefinition({ ...SETTINGS, ...desired.staging })).toBe(
    stagingDefinition(stagingTableProps(table, SETTINGS)),
  );
  expect(desired.definition).toBe(mergeProcedureOutputs(props).definition);
  expect(desired.shape).toEqual(shapeOfProps(props));
  expect(desired.procedure).toEqual({ name: table.procedure, batchSize: props.batchSize });
}

function tableOf({ sinks }: PipelineModel, { entry, target }: Unit): SinkTable {
  const found = sinks[0]?.tables.find(({ name, schema }) => name === entry.table && schema === target.schema);
  if (found === undefined) throw new Error(`no table ${target.schema}.${entry.table}`);
  return found;
}

function bodiesOf({ entry }: Unit, files: ReadonlyMap<string, MigrationFile>): string[] {
  return entry.files.map(({ file }) => files.get(file)?.body ?? "");
}
