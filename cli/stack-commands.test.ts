import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closePools } from "../databases/postgres/pool";
import { runCdc, type CaptureOptions, type CapturedRun } from "../test/harness/captured-io";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { makeProject, removeProject, usualColumns, writeProject, type YamlProject } from "../test/harness/yaml-project";

jest.setTimeout(120_000);

let db: TestDatabase;
let directory: string;
let project: YamlProject;
const before = { ...process.env };

beforeAll(async () => {
  db = await createTestDatabase();
  const { host, port, user, password, database } = db.config;
  project = { customers: ["north"], tables: { Actor: usualColumns(4) }, database };
  directory = makeProject(project);
  const own = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
  Object.assign(process.env, own, { PULUMI_CONFIG_PASSPHRASE: "correct horse", PULUMI_BACKEND_URL: "" });
});

afterAll(async () => {
  process.env = before;
  removeProject(directory);
  await closePools();
  await db.drop();
});

function cdc(argv: readonly string[], options: CaptureOptions = {}): Promise<CapturedRun> {
  return runCdc([...argv, "--engine", "built-in"], { cwd: directory, ...options });
}

async function tables(): Promise<string[]> {
  const sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'north' ORDER BY 1";
  return (await db.query<{ table_name: string }>(sql)).rows.map((row) => row.table_name);
}

function events(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("from nothing", () => {
  test("preview tells what would be made, and makes nothing", async () => {
    const { code, stdout } = await cdc(["preview"]);
    expect(code).toBe(0);
    expect(stdout).toContain("+ table             north.Actor  4 columns, key (Id)");
    expect(stdout).toContain("to create: 1 management schema, 1 schema, 1 table, 1 staging table, 1 merge procedure");
    expect(await tables()).toEqual([]);
  });

  test("preview --show-sql prints the statements", async () => {
    const { stdout } = await cdc(["preview", "--show-sql"]);
    expect(stdout).toContain('CREATE TABLE IF NOT EXISTS "north"."Actor"');
  });

  test("preview --json is one event a line, with the changes and, when asked, their SQL", async () => {
    const lines = events((await cdc(["preview", "--json", "--show-sql"])).stdout);
    expect(lines.at(0)).toMatchObject({ kind: "start", operation: "preview" });
    expect(lines.at(-1)).toMatchObject({ kind: "end", result: { changed: true } });
    const table = lines.find(({ kind, type }) => kind === "resource" && String(type).endsWith(":SinkTable"));
    expect(table).toMatchObject({ operation: "create", changes: [{ kind: "TABLE_ADDED", sql: [expect.any(String)] }] });
    const plain = events((await cdc(["preview", "--json"])).stdout);
    expect(JSON.stringify(plain)).not.toContain("CREATE TABLE");
  });

  test("status says that nothing is deployed", async () => {
    const { code, stderr } = await cdc(["status"]);
    expect(code).toBe(2);
    expect(stderr).toContain("has no tables in any database yet");
  });

  test("up on a terminal shows the preview, asks, and does nothing on no", async () => {
    const { code, stdout, stderr } = await cdc(["up"], { terminal: true, input: "n\n" });
    expect(code).toBe(0);
    expect(stdout).toContain("north.Actor");
    expect(stderr).toContain("Make these changes to stack dev? [y/N]");
    expect(stderr).toContain("nothing was changed");
    expect(await tables()).toEqual([]);
  });

  test("up --expect-no-changes does nothing and ends with 1", async () => {
    expect((await cdc(["up", "--expect-no-changes"])).code).toBe(1);
    expect(await tables()).toEqual([]);
  });
});

describe("deployed", () => {
  test("up on a terminal does it on yes", async () => {
    const { code, stdout } = await cdc(["up"], { terminal: true, input: "y\n" });
    expect(code).toBe(0);
    expect(stdout).toContain("created: 1 management schema, 1 schema, 1 table, 1 staging table, 1 merge procedure");
    expect(await tables()).toEqual(["Actor", "stg_Actor"]);
  });

  test("a second preview has nothing to do", async () => {
    const { code, stdout } = await cdc(["preview", "--expect-no-changes"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("no changes · unchanged: 5") });
  });

  test("outputs prints what the program exports", async () => {
    expect((await cdc(["outputs"])).stdout).toContain("environment  dev");
    expect(JSON.parse((await cdc(["outputs", "--json"])).stdout)).toMatchObject({ environment: "dev" });
  });

  test("a column added in YAML is all that preview shows", async () => {
    const columns = [...usualColumns(4), { name: "Note", type: "nvarchar(30)", nullable: true }];
    writeProject(directory, { ...project, tables: { Actor: columns } });
    const { stdout } = await cdc(["preview"]);
    expect(stdout.split("\n").filter((line) => line.includes("COLUMN_"))).toEqual([
      "    COLUMN_ADDED column Note varchar(30) is added [ACCESS EXCLUSIVE lock: readers and writers wait for a moment]",
    ]);
    expect((await cdc(["up", "--yes", "--parallel", "2"])).stdout).toContain("updated: 1 table, 1 staging table");
  });

  test("drift is found by refresh and by preview --refresh, and mended by up", async () => {
    await db.query('ALTER TABLE north."Actor" DROP COLUMN "Note"');
    expect((await cdc(["preview", "--expect-no-changes"])).code).toBe(0);
    expect((await cdc(["preview", "--refresh", "--expect-no-changes"])).code).toBe(1);
    expect((await cdc(["status", "--drift"])).code).toBe(3);
    expect((await cdc(["refresh", "--expect-no-changes"])).code).toBe(1);
    expect((await cdc(["up", "--yes"])).stdout).toContain("column Note varchar(30) is added");
    expect((await cdc(["preview", "--refresh", "--expect-no-changes"])).code).toBe(0);
  });

  test("--target takes a name, and knows the nearest one", async () => {
    const wrong = await cdc(["preview", "--target", "main.shop/north/Actr"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean") });
    const name = /Did you mean (\S+)\?/.exec(wrong.stderr)?.[1] ?? "";
    expect((await cdc(["preview", "--target", name])).code).toBe(0);
  });

  test("stack ls, export and import keep the state", async () => {
    expect((await cdc(["stack", "ls"])).stdout).toBe("dev\n");
    const file = join(directory, "export.json");
    await cdc(["stack", "export", "--file", file]);
    const exported = JSON.parse(readFileSync(file, "utf8")) as {
      version: number;
      deployment: { resources: unknown[] };
    };
    expect(exported.version).toBe(3);
    expect(exported.deployment.resources.length).toBeGreaterThan(5);
    expect((await cdc(["stack", "import", "--file", file, "--yes"])).code).toBe(0);
    expect((await cdc(["preview", "--expect-no-changes"])).code).toBe(0);
    writeFileSync(file, "no json");
    expect(await cdc(["stack", "import", "--file", file, "--yes"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("export.json is not JSON"),
    });
  });
});

describe("status", () => {
  test("is healthy with exit code 0 when nothing waits", async () => {
    const { code, stdout } = await cdc(["status", "--drift"]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("stack dev: healthy · 1 table · no drift"),
    });
    expect(stdout).toMatch(/north\.Actor\s+empty\s+0\s+never/);
  });

  test("counts waiting rows, and ends with 3 when they wait too long", async () => {
    await db.query(
      `INSERT INTO north."stg_Actor" ("Id", __cdc_operation, __cdc_position) VALUES (1, 'Insert', '\\x01')`,
    );
    const { code, stdout } = await cdc(["status", "--json", "--max-lag", "0"]);
    expect(code).toBe(3);
    const [table] = (JSON.parse(stdout) as { tables: Record<string, unknown>[] }).tables;
    expect(table).toMatchObject({ schema: "north", table: "Actor", state: "pending", staged: 1 });
    expect(table?.["problems"]).toEqual([expect.stringMatching(/^rows wait for \d+ s$/)]);
    expect((await cdc(["status", "--max-lag", "3600"])).code).toBe(0);
  });

  test("shows what was merged, and dead letters with exit code 3", async () => {
    await db.query(`DELETE FROM north."stg_Actor"`);
    const metadata = { TableName: "Actor", OperationType: "Insert", Schema: "dbo", Tenant: "north" };
    const good = {
      data: { Id: 1, Col01: 1, Col02: "a", Col03: "1.50", Note: null },
      metadata: { ...metadata, LSN: "0".repeat(19) + "1" },
    };
    const bad = { data: { ...good.data, Id: "x" }, metadata: { ...metadata, LSN: "0".repeat(19) + "2" } };
    const input = [good, bad].map((event) => JSON.stringify(event)).join("\n");
    const loaded = await cdc(["load", "-"], { input });
    expect({ ...loaded }).toMatchObject({ code: 0, stdout: expect.stringContaining("inserted 1") });
    const { code, stdout } = await cdc(["status"]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/north\.Actor\s+idle, dead letters\s+1 .*1 dead letter/);
  });
});

describe("destroy", () => {
  test("refuses what is protected, by name, and touches nothing", async () => {
    const config = { protect: true, allowDrop: false };
    writeProject(directory, { ...project, config });
    await cdc(["up", "--yes"]);
    const { code, stderr } = await cdc(["destroy", "--yes"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/stack dev protects .*management schema/);
    expect(await tables()).toEqual(["Actor", "stg_Actor"]);
  });

  test("asks on a terminal, says what goes, and leaves nothing", async () => {
    writeProject(directory, project);
    await cdc(["up", "--yes"]);
    const no = await cdc(["destroy"], { terminal: true, input: "\n" });
    expect(no.stderr).toContain("to remove: 5 objects");
    expect(no.stderr).toContain("nothing was destroyed");
    const yes = await cdc(["destroy"], { terminal: true, input: "yes\n" });
    expect({ ...yes }).toMatchObject({ code: 0 });
    const left = await db.query("SELECT nspname FROM pg_namespace WHERE nspname IN ('north', 'cdc_management')");
    expect(left.rows).toEqual([]);
  });
});
