import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseExposition } from "./harness/parse-exposition";
import { streamLines, type StreamLine } from "./harness/stream-lines";
import { openStreamProject, type StreamProject } from "./harness/stream-project";

jest.setTimeout(120_000);

const ACTOR = [
  { name: "Id", type: "int", nullable: false, primary_key: true },
  { name: "Name", type: "nvarchar(50)" },
];

let project: StreamProject;

beforeAll(async () => {
  project = await openStreamProject({ customers: ["north", "south"], tables: { Actor: ACTOR } });
  for (const customer of ["north", "south"])
    await project.source(customer, "INSERT dbo.Actor VALUES (1, N'one'), (2, N'two'), (3, NULL)");
});

afterAll(async () => {
  await project.close();
});

/** Rows of both ends as text. */
async function sourceRows(customer: string): Promise<string[]> {
  const rows = await project.source(customer, "SELECT Id, Name FROM dbo.Actor ORDER BY Id");
  return rows.map((row) => row.map(String).join(" "));
}

async function sinkRows(customer: string): Promise<string[]> {
  const { rows } = await project.sink.query(`SELECT "Id", "Name" FROM ${customer}."Actor" ORDER BY "Id"`);
  return rows.map((row) => `${String(row["Id"])} ${String(row["Name"])}`);
}

async function untilEqual(customer: string): Promise<void> {
  const wanted = await sourceRows(customer);
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (JSON.stringify(await sinkRows(customer)) === JSON.stringify(wanted)) return;
    await sleep(50);
  }
  expect(await sinkRows(customer)).toEqual(wanted);
}

function isSource(event: string, source: string): (line: StreamLine) => boolean {
  return (line) => line.event === event && line.source === source;
}

async function page(address: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    get(`http://${address}${path}`, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    }).on("error", reject);
  });
}

test("a stack that was never deployed is an error that says so", async () => {
  const { code, stdout, stderr } = await project.cdc(["run", "--once"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe("error: stack dev has no tables in any database yet\nhint: Deploy it with `cdc up -s dev`.\n");
});

test("run --once copies what is there and ends with 0; each line of --json is an object", async () => {
  const up = await project.cdc(["up", "--yes"]);
  expect(up).toMatchObject({ code: 0 });
  const { code, stdout } = await project.cdc(["run", "--once", "--json"]);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as StreamLine);
  expect(code).toBe(0);
  expect(
    lines.every(
      ({ level, time, event, text }) => [level, event, text].every(Boolean) && time === new Date(time).toISOString(),
    ),
  ).toBe(true);
  expect(lines.at(-1)).toMatchObject({
    event: "stream.finished",
    details: { healthy: true, tables: { streaming: 2 }, lagSeconds: 0 },
  });
  expect([await sinkRows("north"), await sinkRows("south")]).toEqual([
    await sourceRows("north"),
    await sourceRows("south"),
  ]);
});

test("a second run takes the changes since, and says what it did", async () => {
  await project.source(
    "north",
    "UPDATE dbo.Actor SET Name = N'uno' WHERE Id = 1; DELETE dbo.Actor WHERE Id = 2; INSERT dbo.Actor VALUES (4, N'four')",
  );
  const { code, stdout, stderr } = await project.cdc(["run", "--once"]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("source s/Shop_north is read") });
  expect(stdout).toMatch(/^streamed 3 changes in 3 transactions in /);
  expect(stdout).toContain("sources: 2 idle · tables: 2 streaming · lag 0 s");
  await untilEqual("north");
});

test("status tells the sources' positions from the sink alone, and asks them with --live", async () => {
  const found = await project.cdc(["status", "--live", "--json"]);
  expect(found.code).toBe(0);
  const { sources } = JSON.parse(found.stdout) as {
    sources: { source: string; position: string; live: { lagMs: number } }[];
  };
  expect(sources.map(({ source, live }) => [source, live.lagMs])).toEqual([
    ["s/Shop_north", 0],
    ["s/Shop_south", 0],
  ]);
  const wrong = await project.cdc(["status", "--live"], { MSSQL_DEV_PASSWORD: "wrong-password" });
  expect({ ...wrong }).toMatchObject({ code: 3, stdout: expect.stringContaining("the login was refused") });
  expect((await project.cdc(["status"], { MSSQL_DEV_PASSWORD: "wrong-password" })).code).toBe(0);
});

test.each([
  ["source", { MSSQL_DEV_PASSWORD: "wrong-secret-word" }, "the login was refused"],
  ["source's port", { MSSQL_DEV_PORT: "no-number" }, "not a port number"],
  ["sink", { PG_DEV_PASSWORD: "wrong-secret-word" }, "password"],
])(
  "a wrong setting of the %s ends a run with 2, an error and a hint",
  async (_name, env: Record<string, string>, text) => {
    const { code, stdout, stderr } = await project.cdc(["run", "--log-level", "error"], env);
    expect({ code, stdout: stdout.replace(/(.|\n)*/, "") }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("error: ");
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/wrong-secret-word|\n +at /);
  },
);

test("a source that can't be reached is tried again and again, and status tells it until it is there again", async () => {
  const running = project.start(["run", "--json", "--source", "north"], { MSSQL_DEV_PORT: "1" });
  const lines = streamLines(running);
  const retry = await lines.until(isSource("source.retry", "s/Shop_north"));
  expect(retry).toMatchObject({ level: "warn", details: { code: "CDC_MSSQL_UNREACHABLE" } });
  await lines.until(({ details }) => Number(details?.["attempt"]) > 1);
  const { code, stdout } = await project.cdc(["status"]);
  expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining("cannot be reached") });
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
  expect((await project.cdc(["run", "--once"])).code).toBe(0);
  expect((await project.cdc(["status"])).code).toBe(0);
});

test("a source that isn't the stack's is an error that names the nearest", async () => {
  const { code, stderr } = await project.cdc(["run", "--source", "nort"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "error: stack dev captures no source nort\nhint: Did you mean north?\n",
  });
});

test("a running stream serves health and metrics, and SIGTERM ends it with 0", async () => {
  const running = project.start(["run", "--json", "--health", "0", "--log-level", "debug"]);
  const lines = streamLines(running);
  const address = String((await lines.until(({ event }) => event === "health.listening")).details?.["address"]);
  await lines.until(isSource("source.started", "s/Shop_north"));
  await lines.until(isSource("source.started", "s/Shop_south"));
  await project.source("south", "INSERT dbo.Actor VALUES (7, N'seven')");
  await lines.until(isSource("window.committed", "s/Shop_south"));
  expect([(await page(address, "/healthz")).status, (await page(address, "/readyz")).status]).toEqual([200, 200]);
  const families = parseExposition((await page(address, "/metrics")).body);
  const events = families
    .get("cdc_source_events_total")
    ?.samples.find(({ labels }) => labels["source"] === "s/Shop_south");
  expect(events?.value).toBeGreaterThanOrEqual(1);
  expect(families.get("cdc_window_commit_duration_seconds")?.type).toBe("histogram");
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
  expect(lines.all.at(-1)).toMatchObject({ event: "stream.finished", details: { interrupted: true } });
  await untilEqual("south");
});

test("SIGTERM in the middle of a load loses nothing and leaves no lease behind", async () => {
  const running = project.start(["run", "--json", "--log-level", "debug"]);
  const lines = streamLines(running);
  let next = 1_000;
  const stop = new AbortController();
  const load = (async () => {
    while (!stop.signal.aborted) {
      const ids = Array.from({ length: 50 }, () => (next += 1));
      await project.source("north", `INSERT dbo.Actor VALUES ${ids.map((id) => `(${id}, N'n${id}')`).join(", ")}`);
      await project.source("north", `UPDATE dbo.Actor SET Name = N'x' + Name WHERE Id > ${next - 20}`);
    }
  })();
  await lines.until(isSource("window.committed", "s/Shop_north"));
  await sleep(300);
  running.child.kill("SIGTERM");
  const ended = await running.ended;
  stop.abort();
  await load;
  expect(ended.code).toBe(0);
  const held = await project.sink.query("SELECT name FROM cdc_management.leases WHERE expires_at > clock_timestamp()");
  expect(held.rows).toEqual([]);
  expect((await project.cdc(["run", "--once"])).code).toBe(0);
  expect(await sinkRows("north")).toEqual(await sourceRows("north"));
});
