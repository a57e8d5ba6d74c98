import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { closePools } from "../databases/postgres/pool";
import { runCdc } from "../test/harness/captured-io";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";

jest.setTimeout(120_000);

const before = { ...process.env };
let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  const { host, port, user, password } = db.config;
  const own = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
  Object.assign(process.env, own, { PULUMI_CONFIG_PASSPHRASE: "x", PULUMI_BACKEND_URL: "" });
});

afterAll(async () => {
  process.env = before;
  await closePools();
  await db.drop();
});

/** A new project with this package as `npm install` would put it there, and the test's database. */
async function installed(pattern: string): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), "cdc-new-"));
  await runCdc(["new", "shop", "--pattern", pattern], { cwd: place });
  const cwd = join(place, "shop");
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(resolve(__dirname, ".."), join(cwd, "node_modules", "pulumi-cdc"), "junction");
  const service = join(cwd, "services", "orders.yaml");
  writeFileSync(service, readFileSync(service, "utf8").replace("orders_dev", db.config.database));
  return cwd;
}

test.each([
  ["db-per-tenant", "2 schemas, 4 tables"],
  ["db-shared", "1 schema, 2 tables"],
])("what `new` makes for %s deploys as it is, and goes again", async (pattern, counts) => {
  const cwd = await installed(pattern);
  const cdc = (...argv: string[]) => runCdc([...argv, "--engine", "built-in"], { cwd });
  const up = await cdc("up", "--yes");
  expect({ ...up }).toMatchObject({ code: 0, stdout: expect.stringContaining(counts) });
  expect(up.stderr).not.toContain("warning");
  expect((await cdc("preview", "--refresh", "--expect-no-changes")).code).toBe(0);
  expect((await cdc("status")).code).toBe(0);
  expect((await cdc("destroy", "--yes")).code).toBe(0);
  const left = await db.query("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$|^public$'");
  expect(left.rows).toEqual([]);
  rmSync(cwd, { recursive: true, force: true });
});
