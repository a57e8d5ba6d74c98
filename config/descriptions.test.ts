import { removeProjects, writeProject } from "../test/fixtures/project";
import { loadPipelineModel } from ".";

const ACTOR = "services/_schemas/clinic/dbo/Actor.yaml";
const TEMPLATES = "services/_schemas/column-templates.yaml";

function actorWith(files: Readonly<Record<string, string>>) {
  const model = loadPipelineModel(writeProject(files), { env: {} });
  const [table] = model.sinks.flatMap(({ tables }) => tables);
  return table;
}

afterAll(removeProjects);

describe("descriptions in the configuration", () => {
  test("reach the table, its columns and its template columns", () => {
    const table = actorWith({
      [ACTOR]: `schema: dbo
table: Actor
description: People and firms that we know.
columns:
  - { name: actno, type: int, nullable: false, primary_key: true, description: Given out by the front desk. }
  - { name: Amount, type: "decimal(10, 2)" }
`,
      [TEMPLATES]: `templates:
  customer_id:
    name: _customer_id
    type: uuid
    description: Whose row it is.
    value: "{clinics.sources.*.customer_id}"
`,
      "services/clinic.yaml": `clinic:
  source: { tables: { dbo.Actor: } }
  sinks:
    main.clinic:
      databases: { dev: clinic_dev }
      tables: { "{{SCHEMA}}.Actor": { column_templates: [customer_id] } }
`,
    });
    expect(table?.description).toBe("People and firms that we know.");
    const described = table?.columns.filter(({ origin }) => origin !== "metadata");
    expect(described?.map(({ name, description }) => [name, description])).toEqual([
      ["actno", "Given out by the front desk."],
      ["Amount", undefined],
      ["_customer_id", "Whose row it is."],
    ]);
  });

  test("are none where a tool wrote null or nothing", () => {
    const table = actorWith({
      [ACTOR]: `schema: dbo
table: Actor
description: null
columns:
  - { name: actno, type: int, primary_key: true, description: "" }
  - { name: Secret, type: int }
`,
    });
    expect(table).not.toHaveProperty("description");
    expect(table?.columns[0]).not.toHaveProperty("description");
  });
});
