import { join } from "node:path";
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
