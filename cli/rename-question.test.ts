import { closePools } from "../databases/postgres/pool";
import { runCdc, type CapturedRun } from "../test/harness/captured-io";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { makeProject, removeProject, writeProject, type YamlProject } from "../test/harness/yaml-project";

jest.setTimeout(120_000);

const COLUMNS = [
  { name: "Id", type: "int", nullable: false, primary_key: true },
  { name: "Navn", type: "nvarchar(50)", nullable: true },
];
const RENAMED = [COLUMNS[0], { ...COLUMNS[1], name: "Name" }] as typeof COLUMNS;

let db: TestDatabase;
let directory: string;
let project: YamlProject;
const before = { ...process.env };

beforeAll(async () => {
  db = await createTestDatabase();
  const { host, port, user, password, database } = db.config;
  const customers = ["east", "north", "south", "west"];
  project = { customers, tables: { Actor: COLUMNS, Film: COLUMNS }, database };
  directory = makeProject(project);
  const own = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
  Object.assign(process.env, own, { PULUMI_CONFIG_PASSPHRASE: "correct horse", PULUMI_BACKEND_URL: "" });
  expect((await cdc(["up", "--yes"])).code).toBe(0);
  await db.query(`INSERT INTO north."Actor" ("Id", "Navn") VALUES (1, 'kept')`);
});
afterAll(async () => {
  process.env = before;
  removeProject(directory);
  await closePools();
  await db.drop();
});

test("a column that goes while one of its type comes is one question, however many customers have it", async () => {
  writeProject(directory, { ...project, tables: { Actor: RENAMED, Film: COLUMNS } });
  for (const command of [["preview"], ["up", "--yes"]]) {
    const { code, stderr } = await cdc(command);
    expect(code).toBe(2);
    expect(stderr.match(/question: is Name in \w+\.Actor.* the column Navn under a new name/g)).toHaveLength(1);
    expect(stderr).toContain("    yes  renames: [{from: Navn, to: Name}]");
    expect(stderr).toContain("    no   not_renamed: [{from: Navn, to: Name}]");
    expect(stderr).not.toContain("is new while");
  }
  expect(await columnsOf("north", "Actor")).toEqual(["Id", "Navn"]);
});

test("an answer of yes renames it for every customer with its values, and is done then", async () => {
  const hints = { manual_migration_hints: { renames: [{ from: "Navn", to: "Name" }] } };
  writeProject(directory, { ...project, tables: { Actor: RENAMED, Film: COLUMNS }, sinkTables: { Actor: hints } });
  const { stdout } = await cdc(["preview"]);
  expect(stdout.match(/COLUMN_RENAMED column Navn is renamed to Name with its values/g)).toHaveLength(4);
  expect(stdout).toMatch(
    /STAGING_CHANGED .*\[ACCESS EXCLUSIVE lock: readers and writers wait while all rows are read;/,
  );
  expect((await cdc(["up", "--yes"])).code).toBe(0);
  expect((await db.query(`SELECT "Name" FROM north."Actor"`)).rows).toEqual([{ Name: "kept" }]);
  expect(await columnsOf("west", "stg_Actor")).toContain("Name");
  expect(await cdc(["preview", "--refresh", "--expect-no-changes"])).toMatchObject({ code: 0 });
  writeProject(directory, { ...project, tables: { Actor: RENAMED, Film: COLUMNS } });
  expect(await cdc(["preview", "--expect-no-changes"])).toMatchObject({ code: 0 });
});

test("an answer of no keeps the old column beside the new one", async () => {
  const hints = { manual_migration_hints: { not_renamed: [{ from: "Navn", to: "Name" }] } };
  writeProject(directory, { ...project, tables: { Actor: RENAMED, Film: RENAMED }, sinkTables: { Film: hints } });
  expect((await cdc(["up", "--yes"])).code).toBe(0);
  expect((await columnsOf("north", "Film")).sort()).toEqual(["Id", "Name", "Navn"]);
});

function cdc(argv: readonly string[]): Promise<CapturedRun> {
  return runCdc([...argv, "--engine", "built-in"], { cwd: directory });
}

async function columnsOf(schema: string, table: string): Promise<string[]> {
  const sql = `SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = $1 AND table_name = $2 AND column_name !~ '^__' ORDER BY ordinal_position`;
  return (await db.query<{ name: string }>(sql, [schema, table])).rows.map(({ name }) => name);
}
