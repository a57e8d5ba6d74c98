import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { closePools } from "../databases/postgres/pool";
import type { TableShape } from "../model/table-shape";
import { CLINIC, removeProjects, writeProject } from "./fixtures/project";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { Deployment, lines } from "./harness/deployment";

const GROUPS = String(CLINIC["source-groups.yaml"]);
const SOUTH = "    south:\n      dev: { database: Clinic_South, customer_id: 6f9619ff-8b86-4011-b42d-00c04fc964f2 }\n";
const ACTOR = "services/_schemas/clinic/dbo/Actor.yaml";
const TABLE = `        hub.customer_actor:
          from: dbo.Actor
          column_templates: [customer_id]
          primary_key: [_customer_id, actno]
`;

let db: TestDatabase;
let directory: string;
let deployment: Deployment;

beforeAll(async () => {
  db = await createTestDatabase();
  const service = String(CLINIC["services/clinic.yaml"]).replace("clinic_dev", db.config.database);
  const actor = `${String(CLINIC[ACTOR])}  - name: At\n    type: datetime2(7)\n`;
  directory = writeProject({ "services/clinic.yaml": service + TABLE, [ACTOR]: actor });
  deployment = Deployment.of(db.config, directory);
});
afterAll(async () => {
  removeProjects();
  await closePools();
  await db.drop();
});

async function shape(): Promise<TableShape> {
  const { rows } = await db.query<{ shape: TableShape }>(
    "SELECT shape FROM cdc_management.merge_control WHERE schema_name = 'hub'",
  );
  return rows[0]?.shape as TableShape;
}

const idsOf = ({ columns }: TableShape) => columns.find(({ name }) => name === "_customer_id")?.constants;

test("what a column loses is told once at preview, however many tables have it", async () => {
  const told: string[] = [];
  const stack = await deployment.open();
  await stack.preview({ onEvent: (event) => void (event.kind === "diagnostic" && told.push(event.message.trim())) });
  const notes = told.filter((message) => message.includes("dbo.Actor"));
  expect(notes).toEqual(["dbo.Actor.At: datetime2(7) keeps 6 of 7 fraction digits"]);
});

test("what a table of all customers needs to tell them apart is deployed with it", async () => {
  const { told } = await deployment.run("up");
  expect(told).toEqual([]);
  expect(await shape()).toMatchObject({ tenants: { north: "Clinic_North" }, transforms: [] });
  expect(idsOf(await shape())).toEqual({ north: "6f9619ff-8b86-4011-b42d-00c04fc964f1" });
  expect((await deployment.run("up")).steps).toEqual([]);
});

test("another customer gets its own table, and is known to the shared one", async () => {
  writeFileSync(join(directory, "source-groups.yaml"), GROUPS + SOUTH);
  const { steps } = await deployment.run("up");
  expect(lines(steps)).toEqual([
    "create MergeProcedure main.clinic/south/Actor",
    `create SinkSchema ${db.config.database}/south`,
    "create SinkTable main.clinic/south/Actor",
    "create StagingTable main.clinic/south/Actor",
    "update MergeProcedure main.clinic/hub/customer_actor",
  ]);
  expect(Object.keys((await shape()).tenants ?? {}).sort()).toEqual(["north", "south"]);
  expect(Object.keys(idsOf(await shape()) ?? {}).sort()).toEqual(["north", "south"]);
});
