import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Envelope } from "../model/envelope";
import { loadPipelineModel, loadPipelineModels } from ".";

const EXAMPLES = join(__dirname, "../examples");

describe("the examples", () => {
  test.each(["dev", "prod"])("db-per-tenant has the tables of three customers in %s", (environment) => {
    const model = loadPipelineModel(join(EXAMPLES, "db-per-tenant"), { environment, strict: true, env: {} });
    const [sink] = model.sinks;
    expect(sink?.schemas.map(({ name }) => name)).toEqual(["fjord", "skog", "elv"]);
    expect(sink?.tables.filter(({ schema }) => schema === "skog").map(({ name }) => name)).toEqual([
      "Patient",
      "Visit",
      "VisitLine",
      "practitioner",
      "treatment_code",
    ]);
    const ids = sink?.tables
      .filter(({ name }) => name === "Patient")
      .map(({ columns }) => columns.find(({ name }) => name === "_customer_id")?.constant);
    expect(new Set(ids).size).toBe(3);
    expect(sink?.database).toBe(environment === "dev" ? "clinic_dev" : "clinic");
    expect(model.notes.filter(({ severity }) => severity === "warning")).toEqual([]);
  });

  test.each(["db-per-tenant", "db-shared"])(
    "every change of %s is about a table and columns of its source",
    (example) => {
      const directory = join(EXAMPLES, example);
      const tables = loadPipelineModels(directory, { env: {} }).flatMap(({ sinks }) =>
        sinks.flatMap((sink) => sink.tables),
      );
      for (const file of readdirSync(join(directory, "changes"))) {
        const lines = readFileSync(join(directory, "changes", file), "utf8")
          .trim()
          .split("\n");
        for (const { data, metadata } of lines.map((line) => JSON.parse(line) as Envelope)) {
          const taken = tables.filter(
            ({ source, tenant }) => source.table === metadata.TableName && tenant === metadata.Tenant,
          );
          expect(taken).toHaveLength(1);
          const known = taken[0]?.columns.flatMap(({ source }) => source ?? []) ?? [];
          expect(Object.keys(data)).toEqual(
            expect.arrayContaining(known.filter((name) => taken[0]?.key.includes(name))),
          );
        }
      }
    },
  );

  test("db-shared has a schema per service, and a customer_id in every table even when strict", () => {
    const models = loadPipelineModels(join(EXAMPLES, "db-shared"), { environment: "dev", strict: true, env: {} });
    const tables = models.flatMap((model) => model.sinks.flatMap((sink) => sink.tables));
    expect(tables.map(({ schema, name }) => `${schema}.${name}`)).toEqual([
      "directory.person",
      "directory.team",
      "directory.membership",
      "scheduling.Room",
      "scheduling.Booking",
    ]);
    expect(tables.map(({ stagingLogged }) => stagingLogged)).toEqual([false, false, false, true, true]);
  });
});
