import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closePools } from "../databases/postgres/pool";
import { runCdc, type CapturedRun } from "./harness/captured-io";
import { catalogDump } from "./harness/catalog-dump";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { SourceLab } from "./harness/source-lab";

jest.setTimeout(300_000);

let folder: string;
let lab: SourceLab;
let source: string;
let db: TestDatabase;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  lab = await SourceLab.open();
  db = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "cdc-task-pg-"));
  source = await lab.database(
    "CREATE TABLE dbo.Persons (Id int NOT NULL PRIMARY KEY, Name nvarchar(50) NULL, Twice AS (Id * 2))",
    "CREATE SCHEMA sales",
    "CREATE TABLE sales.Orders (Shop int NOT NULL, Number int NOT NULL, Total money NOT NULL, Note nvarchar(max), CONSTRAINT uq UNIQUE (Shop, Number))",
  );
  const { host, port, user, password } = lab.config(source);
  const { host: pgHost, port: pgPort, user: pgUser, password: pgPassword, database } = db.config;
  env = {
    ...process.env,
    SQL_CONNECTION: `Server=${host},${port};Database=${source};User ID=${user};Password={${password}};Encrypt=false`,
    PG_CONNECTION: `postgresql://${pgUser}:${encodeURIComponent(pgPassword)}@${pgHost}:${pgPort}/${database}`,
    PULUMI_BACKEND_URL: undefined,
  };
  writeTasks("[persons, { name: sales.Orders }]");
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closePools();
  await db.drop();
  await lab.close();
});

function writeTasks(tables: string): void {
  const keys = tables.includes("Orders") ? ", keys: { Orders: [Shop, Number] }" : "";
  writeFileSync(
    join(folder, "tasks.yaml"),
    `tasks:
  t:
    input: { provider: sqlserver, config: { connection_string: "\${SQL_CONNECTION}", snapshot: initial, tables: ${tables} } }
    output: { provider: postgres, config: { connection_string: "\${PG_CONNECTION}"${keys} } }
`,
  );
}

const cdc = (line: string, more: { readonly signal?: AbortSignal } = {}): Promise<CapturedRun> =>
  runCdc([...line.split(" "), ...(line.startsWith("run") ? [] : ["--engine", "built-in"])], {
    cwd: folder,
    env,
    ...more,
  });

const rowsOf = async (sql: string): Promise<string[]> => {
  const { rows } = await db.query(sql);
  return rows.map((row) => Object.values(row).map(String).join("|"));
};

/** Runs the task until a query answers what is wanted, then stops it. */
async function runUntil(query: string, wanted: readonly string[]): Promise<CapturedRun> {
  const controller = new AbortController();
  const running = cdc("run t", { signal: controller.signal });
  const state = { hasEnded: false };
  void running.finally(() => (state.hasEnded = true));
  while (!state.hasEnded && JSON.stringify(await rowsOf(query)) !== JSON.stringify(wanted)) await sleep(20);
  controller.abort();
  return running;
}

const PERSONS = 'SELECT "Id", "Name" FROM dbo."Persons" ORDER BY 1';
const lines = ({ stdout }: CapturedRun): string[] => stdout.split("\n").map((line) => line.replace(/ +/g, " "));

test("init makes the sink's tables of the source's, run fills them, destroy leaves nothing", async () => {
  const before = await catalogDump(db.config);
  expect(lines(await cdc("plan t"))).toEqual(
    expect.arrayContaining(["+ table dbo.Persons 2 columns, key (Id)", "+ merge procedure sales.sp_merge_Orders"]),
  );
  expect(await catalogDump(db.config)).toBe(before);

  expect(await cdc("init t")).toMatchObject({ code: 0 });
  await lab.run(
    source,
    "INSERT dbo.Persons VALUES (1, N'Ada'), (2, NULL)",
    "INSERT sales.Orders VALUES (1, 7, 12.5, N'first')",
  );
  expect(await runUntil(PERSONS, ["1|Ada", "2|null"])).toMatchObject({ code: 0 });
  await lab.run(source, "DELETE dbo.Persons WHERE Id = 1", "UPDATE sales.Orders SET Total = 13");
  const both = 'SELECT "Id", "Total" FROM dbo."Persons", sales."Orders"';
  expect(await runUntil(both, ["2|13.0000"])).toMatchObject({ code: 0 });
  expect(await rowsOf('SELECT "Note" FROM sales."Orders"')).toEqual(["first"]);

  const status = JSON.parse((await cdc("status t --json")).stdout) as Status;
  expect(status).toMatchObject({ healthy: true });
  expect(status.resources.filter(({ kind }) => kind === "table")).toEqual([
    { role: "output", kind: "table", name: "dbo.Persons", state: "present", detail: "1 row" },
    { role: "output", kind: "table", name: "sales.Orders", state: "present", detail: "1 row" },
  ]);

  // What changes at the source and in the file is planned and done.
  await lab.run(source, "ALTER TABLE dbo.Persons ADD Born date NULL");
  await db.query('DELETE FROM sales."Orders"');
  writeTasks("[Persons]");
  expect(lines(await cdc("plan t"))).toEqual(
    expect.arrayContaining(["~ table dbo.Persons", "~ merge procedure dbo.sp_merge_Persons", "- schema sales"]),
  );
  expect(await cdc("init t")).toMatchObject({ code: 0 });
  expect(await rowsOf("SELECT to_regnamespace('sales')")).toEqual(["null"]);
  expect(await rowsOf('SELECT "Id", "Born" FROM dbo."Persons"')).toEqual(["2|null"]);

  const refusal = expect.stringContaining("dbo.Persons holds 1 row") as string;
  expect(await cdc("destroy t --yes")).toMatchObject({ code: 2, stderr: refusal });
  expect(await cdc("destroy t --yes --force")).toMatchObject({ code: 0 });
  expect(await catalogDump(db.config)).toBe(before);
  expect(existsSync(join(folder, ".cdc/tasks/t"))).toBe(false);
});

interface Status {
  readonly healthy: boolean;
  readonly resources: readonly { readonly kind: string }[];
}
