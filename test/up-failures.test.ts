import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { closePools } from "../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { connectionVariables, Deployment, type Ran } from "./harness/deployment";
import { usualColumns } from "./harness/yaml-project";

const PROJECT = { customers: ["north"], tables: { Actor: usualColumns(3) } };

let db: TestDatabase;
let deployment: Deployment;
beforeAll(async () => {
  db = await createTestDatabase();
});
beforeEach(() => {
  deployment = Deployment.make(db.config, PROJECT);
});
afterEach(() => {
  deployment.remove();
});
afterAll(async () => {
  await closePools();
  await db.drop();
});

/** Runs and returns everything the user would read; fails when the run doesn't. */
async function failureOf(kind: "preview" | "up" | "refresh" | "destroy"): Promise<string> {
  const told: string[] = [];
  const onEvent = (event: { kind: string; message?: string }) => {
    if (event.kind === "diagnostic") told.push(event.message ?? "");
  };
  const ran: Ran | Error = await deployment.run(kind, { onEvent }).catch((error: unknown) => error as Error);
  if (!("message" in ran)) throw new Error(`${kind} did not fail`);
  return [...told, ran.message, (ran as { hint?: string }).hint ?? ""].join("\n");
}

test("a mistake in the YAML is told with file, line and remedy, and no stack", async () => {
  writeFileSync(join(deployment.directory, "services/shop.yaml"), "shop:\n  sinkz: {}\n");
  const text = await failureOf("preview");
  expect(text).toMatch(/services\/shop\.yaml:2/);
  expect(text).toContain("sinks");
  expect(text).not.toMatch(/\n\s+at |node_modules/);
});

test("a folder that isn't there is told by its name", async () => {
  deployment.rewrite({ config: { directory: "nowhere" } });
  expect(await failureOf("preview")).toMatch(/nowhere.*does not exist/s);
});

test.each([
  ["a wrong password", { PG_DEV_PASSWORD: "wrong-secret" }, /password was refused.*PG_<ENV>_PASSWORD/s],
  ["a port nobody listens on", { PG_DEV_PORT: "1" }, /127\.0\.0\.1:1\/test_\w+ as \w+.*nothing listens there/s],
  ["no host", { PG_DEV_HOST: "" }, /no PostgreSQL host is set for sink main\.shop.*PG_DEV_HOST/s],
])("%s is told with place and remedy, and nothing is half done", async (_title, variables, message) => {
  Object.assign(process.env, variables);
  const text = await failureOf("up");
  Object.assign(process.env, connectionVariables(db.config));
  expect(text).toMatch(message);
  expect(text).not.toMatch(/wrong-secret|\n\s+at /);
  expect((await db.query("SELECT FROM pg_namespace WHERE nspname = 'north'")).rowCount).toBe(0);
});

test("a database dropped in mid-run is told; once it is back, up makes everything", async () => {
  const other = await createTestDatabase();
  const own = Deployment.make(other.config, PROJECT);
  await own.run("up");
  await closePools();
  await other.drop();
  own.rewrite({ tables: { Actor: usualColumns(4) } });
  const failure = await own.run("up").catch((error: unknown) => error as Error);
  expect((failure as Error).message).toMatch(/the database does not exist/);
  await db.query(`CREATE DATABASE ${other.config.database}`);
  await own.run("refresh");
  await own.run("up");
  expect((await own.run("preview", { refresh: true })).result.changed).toBe(false);
  own.remove();
  await db.query(`DROP DATABASE ${other.config.database} WITH (FORCE)`);
  Object.assign(process.env, connectionVariables(db.config));
});

test("identifiers with quotes and semicolons are names and nothing else", async () => {
  const hostile = `x"; DROP TABLE y; --`;
  const columns = [...usualColumns(2), { name: hostile, type: "int" }, { name: "Ærlig navn", type: "nvarchar(10)" }];
  deployment.rewrite({
    tables: { "Order Lines": columns, "order lines": usualColumns(2), "O'Brien": usualColumns(2) },
  });
  await deployment.run("up");
  const found = await db.query(
    "SELECT count(*)::int AS n FROM information_schema.columns WHERE table_schema = 'north' AND column_name = $1",
    [hostile],
  );
  expect(found.rows).toEqual([{ n: 2 }]);
  expect((await deployment.run("preview", { refresh: true })).result.changed).toBe(false);
  await deployment.run("destroy");
});
