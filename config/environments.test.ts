import { CLINIC, removeProjects, writeProject } from "../test/fixtures/project";
import { CdcConfigError } from "./config-error";
import { loadEveryEnvironment } from "./environments";
import { TablePlaces } from "./table-places";

afterAll(removeProjects);

const SERVICE = CLINIC["services/clinic.yaml"]?.toString() ?? "";
const SOURCES = `clinics:
  pattern: db-per-tenant
  sources:
    north:
      dev: { database: North_Dev, customer_id: 6f9619ff-8b86-4011-b42d-00c04fc964f1 }
      prod: { database: North, customer_id: 6f9619ff-8b86-4011-b42d-00c04fc964f1 }
    south:
      prod: { database: South, customer_id: 6f9619ff-8b86-4011-b42d-00c04fc964f2 }
`;

function load(files: Readonly<Record<string, string>>, more: object = {}) {
  return loadEveryEnvironment(writeProject({ "source-groups.yaml": SOURCES, ...files }), { env: {}, ...more });
}

describe("a service in every environment", () => {
  test("has a model for each that has both a source and a database, which is told as written", () => {
    const written = SERVICE.replace(
      "dev: clinic_dev",
      "dev: ${CLINIC:-clinic_dev}\n        stage: x\n        prod: clinic",
    );
    const [clinic] = load({ "services/clinic.yaml": written });
    expect(
      clinic?.models.map(({ environment, sinks }) => [environment, sinks[0]?.database, sinks[0]?.schemas.length]),
    ).toEqual([
      ["dev", "clinic_dev", 1],
      ["prod", "clinic", 2],
    ]);
    expect(clinic?.databases).toEqual({ "main.clinic": { dev: "${CLINIC:-clinic_dev}", prod: "clinic" } });
  });

  test("leaves out a sink where it has no database, and takes one database for all environments", () => {
    const second = `    main.extra:\n      database: extra\n      tables: { "{{SCHEMA}}.Actor": { column_templates: [customer_id] } }\n`;
    const [clinic] = load({ "services/clinic.yaml": SERVICE + second });
    expect(clinic?.models.map(({ environment, sinks }) => [environment, sinks.map(({ name }) => name)])).toEqual([
      ["dev", ["main.clinic", "main.extra"]],
      ["prod", ["main.extra"]],
    ]);
  });

  test("finds databases in sink-groups.yaml, and roles by environment", () => {
    const written = SERVICE.replace(/ {6}databases:\n {8}dev: clinic_dev\n/, "");
    const groups = "main:\n  sources:\n    clinic:\n      prod: { server: x, database: from_group }\n";
    const [clinic] = load(
      { "services/clinic.yaml": written, "sink-groups.yaml": groups },
      { applicationRoles: { prod: "loader" } },
    );
    expect(clinic?.databases).toEqual({ "main.clinic": { prod: "from_group" } });
    expect(clinic?.models[0]?.sinks[0]?.applicationRole).toBe("loader");
  });

  test("tells every problem once, whichever environment it comes up in", () => {
    const broken = SERVICE.replace("column_templates: [customer_id]", "column_templates: [nope]").replace(
      "dev: clinic_dev",
      "dev: d\n        prod: p",
    );
    try {
      load({ "services/clinic.yaml": broken });
      throw new Error("nothing was found wrong");
    } catch (error) {
      expect(error).toBeInstanceOf(CdcConfigError);
      expect((error as Error).message.match(/there is no column template nope/g)).toHaveLength(1);
    }
    expect(() => load({}, { service: "clinik" })).toThrow(/there is no service clinik/);
  });
});

describe("places of tables and columns", () => {
  test("are lines of the files, the nearest that there is for what isn't", () => {
    const places = new TablePlaces(writeProject({}));
    expect(places.table("clinic", "main.clinic", "Actor")).toEqual({
      file: "services/clinic.yaml",
      line: 11,
      column: 9,
    });
    expect(places.table("clinic", "main.clinic", "Nope")).toMatchObject({ line: 7 });
    expect(places.table("nope", "main.clinic", "Actor")).toEqual({ file: "services/nope.yaml", line: 1, column: 1 });
    const source = { schema: "dbo", table: "Actor" };
    expect(places.column("clinic", { ...source, column: "Navn" })).toMatchObject({
      file: "services/_schemas/clinic/dbo/Actor.yaml",
      line: 8,
    });
    expect(places.column("clinic", { ...source, column: "Nope" })).toBeUndefined();
  });
});
