import { setTimeout as sleep } from "node:timers/promises";
import { streamLines, type StreamLine, type StreamLines } from "./harness/stream-lines";
import type { RunningCdc } from "./harness/cdc-process";
import { openStreamProject, type StreamProject } from "./harness/stream-project";

jest.setTimeout(120_000);

const COLUMNS = [
  { name: "Id", type: "int", nullable: false, primary_key: true },
  { name: "Name", type: "nvarchar(50)" },
];

let project: StreamProject;
let running: RunningCdc;
let lines: StreamLines;

beforeAll(async () => {
  project = await openStreamProject({ customers: ["west"], tables: { Actor: COLUMNS, Film: COLUMNS } });
  for (const table of ["Actor", "Film"])
    await project.source("west", `INSERT dbo.${table} VALUES (1, N'one'), (2, N'two')`);
  expect((await project.cdc(["up", "--yes"])).code).toBe(0);
  running = project.start(["run", "--json", "--log-level", "debug"]);
  lines = streamLines(running);
  await untilRows("Actor", ["1 one", "2 two"]);
  await untilRows("Film", ["1 one", "2 two"]);
});

afterAll(async () => {
  await project.close();
});

async function rows(table: string, columns: string, where: string): Promise<string[]> {
  const found = await project.sink.query<Record<string, unknown>>(
    `SELECT ${columns} FROM west."${table}" ${where} ORDER BY 1`,
  );
  return found.rows.map((row) => Object.values(row).map(String).join(" "));
}

/** Waits until the sink's table holds these rows. */
async function untilRows(
  table: string,
  wanted: readonly string[],
  columns = '"Id", "Name"',
  where = "",
): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (JSON.stringify(await rows(table, columns, where)) === JSON.stringify(wanted)) return;
    await sleep(50);
  }
  expect({ rows: await rows(table, columns, where), lines: lines.all.slice(-10) }).toEqual({ rows: wanted });
}

const of = (event: string, table: string) => (line: StreamLine) =>
  line.event === event && line.table === `west.${table}`;

/** Takes over what the source has: the plan that messages and documentation tell. */
async function takeOver(): Promise<string> {
  const inspected = await project.cdc(["manage-services", "resources", "--inspect", "--save"]);
  expect(inspected).toMatchObject({ code: 0 });
  const preview = await project.cdc(["preview"]);
  expect(preview).toMatchObject({ code: 0 });
  const up = await project.cdc(["up", "--yes"]);
  expect(up).toMatchObject({ code: 0 });
  return inspected.stdout + preview.stdout;
}

test("a new column flows after up, with the values written before it, and the stream is not restarted", async () => {
  await project.source("west", "ALTER TABLE dbo.Actor ADD Phone varchar(20) NULL");
  await project.source(
    "west",
    "INSERT dbo.Actor VALUES (3, N'three', '333'); UPDATE dbo.Actor SET Phone = '111' WHERE Id = 1",
  );
  await untilRows("Actor", ["1 one", "2 two", "3 three"]);
  expect(await takeOver()).toMatch(/\+ Phone/);
  await project.source("west", "INSERT dbo.Actor VALUES (4, N'four', '444')");
  await untilRows("Actor", ["1 one 111", "2 two null", "3 three 333", "4 four 444"], '"Id", "Name", "Phone"');
  expect(running.child.exitCode).toBeNull();
  expect((await project.cdc(["status"])).code).toBe(0);
});

test("a dropped column stops its table with the plan, the others go on, and after up it goes on by itself", async () => {
  await project.source("west", "INSERT dbo.Film VALUES (3, N'three')");
  await project.source("west", "ALTER TABLE dbo.Film DROP COLUMN Name");
  await project.source("west", "INSERT dbo.Film (Id) VALUES (4); INSERT dbo.Actor VALUES (5, N'five', NULL)");
  const stopped = await lines.until(of("table.stopped", "Film"));
  expect(stopped.level).toBe("error");
  expect(stopped.text).toContain("column Name was dropped");
  expect(stopped.details?.["hint"]).toMatch(/--inspect --save.*cdc preview.*cdc up/);
  await untilRows("Film", ["1 one", "2 two", "3 three"]);
  await untilRows("Actor", ["1 one", "2 two", "3 three", "4 four", "5 five"]);

  const status = await project.cdc(["status"]);
  expect(status.code).toBe(3);
  expect(status.stdout).toMatch(/west\.Film +s\/Shop_west +stopped .*column Name was dropped/);
  expect(status.stdout).toContain(`hint: west.Film: ${String(stopped.details?.["hint"])}`);

  await takeOver();
  await untilRows("Film", ["1", "2", "3", "4"], '"Id"');
  await lines.until(of("table.resumed", "Film"));
  await project.source("west", "INSERT dbo.Film VALUES (5)");
  await untilRows("Film", ["1", "2", "3", "4", "5"], '"Id"');
  expect((await project.cdc(["status"])).code).toBe(0);
});

test("a column that gets wider stops its table until up, and no value is cut", async () => {
  const long = "n".repeat(80);
  await project.source("west", "ALTER TABLE dbo.Actor ALTER COLUMN Name nvarchar(100) NULL");
  await project.source("west", `INSERT dbo.Actor VALUES (6, N'${long}', NULL); INSERT dbo.Film VALUES (6)`);
  const stopped = await lines.until(of("table.stopped", "Actor"));
  expect(stopped.text).toContain("column Name became nvarchar(100)");
  await untilRows("Film", ["1", "2", "3", "4", "5", "6"], '"Id"');
  expect(await takeOver()).toMatch(/Name: type nvarchar\(50\) -> nvarchar\(100\)/);
  await untilRows("Actor", ["1 one", "2 two", "3 three", "4 four", "5 five", `6 ${long}`]);
  expect((await project.cdc(["status"])).code).toBe(0);
});

test("a renamed column is read on under its old name, with a warning", async () => {
  await project.source("west", "EXEC sp_rename 'dbo.Actor.Phone', 'Telephone', 'COLUMN'");
  await project.source("west", "INSERT dbo.Actor VALUES (7, N'seven', '777')");
  await untilRows("Actor", ["7 seven 777"], '"Id", "Name", "Phone"', 'WHERE "Id" = 7');
  const warning = await lines.until(({ event, text }) => event === "table.drift" && text.includes("Telephone"));
  expect(warning).toMatchObject({
    level: "warn",
    table: "west.Actor",
    text: expect.stringContaining("read on under its old name"),
  });
  expect((await project.cdc(["status"])).code).toBe(0);
});

test("it stops with 0 when all is well again", async () => {
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});
