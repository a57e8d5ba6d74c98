import { streamLines, type StreamLine } from "./harness/stream-lines";
import { openStreamProject, type StreamProject } from "./harness/stream-project";

jest.setTimeout(120_000);

const ACTOR = [
  { name: "Id", type: "int", nullable: false, primary_key: true },
  { name: "Name", type: "nvarchar(50)" },
];

let project: StreamProject;

beforeAll(async () => {
  project = await openStreamProject({ customers: ["east"], tables: { Actor: ACTOR, Film: ACTOR } });
  expect((await project.cdc(["up", "--yes"])).code).toBe(0);
  expect((await project.cdc(["run", "--once"])).code).toBe(0);
});

afterAll(async () => {
  await project.close();
});

const isEvent = (event: string) => (line: StreamLine) => line.event === event;

const insert = (table: string, id: number) => project.source("east", `INSERT dbo.${table} VALUES (${id}, N'n')`);

async function sinkIds(table: string): Promise<number[]> {
  const { rows } = await project.sink.query<{ Id: number }>(`SELECT "Id" FROM east."${table}" ORDER BY "Id"`);
  return rows.map((row) => row.Id);
}

/** Starts a stream and waits until it reads its source. */
async function streaming(...more: string[]) {
  const running = project.start(["run", "--json", "--log-level", "debug", ...more]);
  const lines = streamLines(running);
  await lines.until(isEvent("source.started"));
  return { running, lines };
}

/** Holds the next answer with rows of a change table back; a real server can't be told to. */
function stallChanges() {
  return project.server.standIn?.control.stall({ match: /dbo_Actor_CT/, afterRows: 0 });
}

test("SIGTERM while the source doesn't answer rolls the window back, and ends with 0", async () => {
  const { running } = await streaming();
  const stall = stallChanges();
  await insert("Actor", 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
  expect(await sinkIds("Actor")).toEqual(stall === undefined ? [1] : []);
  stall?.release();
  expect((await project.cdc(["run", "--once"])).code).toBe(0);
  expect(await sinkIds("Actor")).toEqual([1]);
});

test("a second SIGINT ends it at once with 130, and nothing is lost", async () => {
  const { running } = await streaming();
  const stall = stallChanges();
  await insert("Actor", 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  running.child.kill("SIGINT");
  if (stall !== undefined) await new Promise((resolve) => setTimeout(resolve, 200));
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({
    code: stall === undefined ? expect.anything() : 130,
    stderr: expect.stringContaining("stopping after what is under way; again to stop at once"),
  });
  stall?.release();
  expect((await project.cdc(["run", "--once"])).code).toBe(0);
  expect(await sinkIds("Actor")).toEqual([1, 2]);
});

test("of two runs of one pipeline one stands by, and takes over when the other is killed", async () => {
  const first = await streaming();
  const second = project.start(["run", "--json", "--log-level", "debug"]);
  const lines = streamLines(second);
  await lines.until(isEvent("source.standby"));
  await insert("Actor", 3);
  await first.lines.until(isEvent("window.committed"));
  first.running.child.kill("SIGKILL");
  await insert("Actor", 4);
  await lines.until(isEvent("source.started"));
  await lines.until(isEvent("window.committed"));
  expect(await sinkIds("Actor")).toEqual([1, 2, 3, 4]);
  second.child.kill("SIGTERM");
  expect((await second.ended).code).toBe(0);
});
