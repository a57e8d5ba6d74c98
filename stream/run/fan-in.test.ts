import { column, sinkTable } from "../../test/harness/sink-model";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { eventually } from "../../test/harness/eventually";
import { closePools } from "../../databases/postgres/pool";
import type { SourceTopology } from "../../model/topology";
import { Stream } from "./stream";

const CUSTOMERS = ["north", "south", "west"];
const TABLES = ["A", "B"];
let labs: CaptureLab[];
let sink: TestDatabase;
beforeAll(async () => {
  sink = await createTestDatabase();
  labs = [];
  for (let index = 0; index < CUSTOMERS.length; index += 1) labs.push(await sourceLab());
  await deployTables(sink, TABLES.map(sharedTable));
});
afterAll(async () => {
  await closePools();
  for (const lab of labs) await lab.close();
  await sink.drop();
});

async function sourceLab(): Promise<CaptureLab> {
  const lab = await openCaptureLab(10);
  for (const table of TABLES) {
    await lab.run(`CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, N int)`);
    await lab.capture(table);
  }
  await lab.captured();
  return lab;
}

/** A table that collects the rows of all customers. */
function sharedTable(name: string) {
  const constants = Object.fromEntries(CUSTOMERS.map((customer) => [customer, customer]));
  const columns = [
    column("customer_id", "text", { origin: "template", nullable: false, constants, source: undefined as never }),
    column("Id", "integer", { nullable: false }),
    column("N", "integer"),
  ].map(({ source, ...rest }) => (source === undefined ? rest : { ...rest, source }));
  const tenants = Object.fromEntries(CUSTOMERS.map((customer, index) => [customer, labs[index]?.database ?? null]));
  return sinkTable("all", name, {
    columns,
    key: ["customer_id", "Id"],
    tenants,
    source: { schema: "dbo", table: name },
  });
}

function sources(): SourceTopology[] {
  return labs.map(({ database }, index) => ({
    connection: `source:dev:${String(index)}`,
    database,
    tenants: [CUSTOMERS[index] ?? ""],
    tables: TABLES.map((table) => ({ schema: "dbo", table, snapshot: "initial", ownInstances: [] })),
  }));
}

/** After how many listeners Node warns. `getMaxListeners` takes no signal of Jest's. */
function mostListeners(signal: AbortSignal): unknown {
  const symbol = Object.getOwnPropertySymbols(signal).find(({ description }) =>
    description?.includes("maxEventTarget"),
  );
  return symbol === undefined ? undefined : Reflect.get(signal, symbol);
}

test("several databases feed shared tables without a deadlock, and one that fails stops none of the others", async () => {
  const control = new AbortController();
  const configs = new Map(labs.map(({ database, config }) => [database, config]));
  const stream = new Stream({
    pipeline: "stream",
    topology: { sources: sources() },
    sourceConfig: (_connection, database) => {
      const config = configs.get(database);
      if (config === undefined) throw new Error("unknown");
      return config;
    },
    serverName: () => "erp",
    sink: sink.config,
    signal: control.signal,
    pollMs: { min: 1, max: 20 },
    longestRetryMs: 100,
    writers: 3,
  });
  // Node warns from the eleventh listener on, and each source has one.
  expect(mostListeners(control.signal)).toBe(0);
  const ended = stream.run();
  for (let id = 1; id <= 40; id += 1) {
    const n = String(id);
    await Promise.all(
      labs.map((lab) =>
        lab.run(`BEGIN TRAN; INSERT dbo.A VALUES (${n}, 0); INSERT dbo.B VALUES (${n}, 0);
          UPDATE dbo.B SET N = N + 1; UPDATE dbo.A SET N = N + 1; COMMIT`),
      ),
    );
    if (id === 20) labs[1]?.server.standIn?.control.stopAgent();
  }
  const sums = async (table: string) =>
    (
      await sink.query(
        `SELECT customer_id AS c, count(*)::int AS rows, sum("N")::int AS n FROM "all"."${table}" GROUP BY 1 ORDER BY 1`,
      )
    ).rows;
  const whole = (c: string) => ({ c, rows: 40, n: 820 });
  for (const table of TABLES) {
    await eventually(async () =>
      expect(await sums(table)).toEqual(expect.arrayContaining([whole("north"), whole("west")])),
    );
  }
  labs[1]?.server.standIn?.control.startAgent();
  for (const table of TABLES) {
    await eventually(async () => expect(await sums(table)).toEqual([whole("north"), whole("south"), whole("west")]));
  }
  control.abort();
  const { status } = await ended;
  expect(status.sources.every(({ problem }) => problem === undefined)).toBe(true);
  expect(status.tables).toHaveLength(6);
  expect(await sink.query("SELECT FROM cdc_management.dead_letters")).toMatchObject({ rowCount: 0 });
});

test("a quiet source is asked by one request per look", async () => {
  const lab = labs[0] as CaptureLab;
  const { standIn } = lab.server;
  if (standIn === undefined) return;
  const control = new AbortController();
  let polls = 0;
  let requests = 0;
  const pass = standIn.control.beforeStatement.bind(standIn.control);
  standIn.control.beforeStatement = (...request) => {
    requests += 1;
    return pass(...request);
  };
  const options = {
    pipeline: "quiet",
    topology: { sources: sources().slice(0, 1) },
    sourceConfig: () => lab.config,
    serverName: () => "erp",
    sink: sink.config,
    signal: control.signal,
    pollMs: { min: 20, max: 20 },
    snapshot: "never" as const,
    onStep: (step: string) => void (polls += step === "polled" ? 1 : 0),
  };
  const stream = new Stream(options);
  const ended = stream.run();
  await eventually(() => expect(stream.status().tables.map(({ state }) => state)).toEqual(["streaming", "streaming"]));
  await eventually(() => expect(stream.status().sources[0]?.state).toBe("idle"));
  const before = { polls, requests };
  await eventually(() => expect(polls).toBeGreaterThan(before.polls + 5));
  expect(requests - before.requests).toBeLessThanOrEqual(polls - before.polls + 1);
  expect(requests - before.requests).toBeGreaterThan(4);
  control.abort();
  await ended;
});
