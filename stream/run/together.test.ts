import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type RunningStream, type StreamLab } from "../../test/harness/stream-lab";
import { eventually } from "../../test/harness/eventually";
import { TcpRelay } from "../../test/harness/tcp-relay";
import { Stream } from "./stream";

let lab: StreamLab;
const running: RunningStream[] = [];
beforeEach(async () => {
  lab = await openStreamLab();
  for (const table of ["A", "B"]) {
    await lab.source.run(`CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, N int)`);
    await lab.source.capture(table);
  }
  await lab.source.captured();
  await lab.deploy(["A", "B"].map(tableNamed));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((stream) => stream.stop()));
  await lab.close();
});

function tableNamed(name: string) {
  const columns = [column("Id", "integer", { nullable: false }), column("N", "integer")];
  return sinkTable("s", name, { columns, source: { schema: "dbo", table: name } });
}

function start(more: Parameters<StreamLab["start"]>[1] = {}, tables = ["A", "B"]): RunningStream {
  const stream = lab.start(tables, more);
  running.push(stream);
  return stream;
}

const rows = (table: string) => lab.rows(`SELECT "Id", "N" FROM s."${table}" ORDER BY 1`);
const stateOf = ({ stream }: RunningStream) => stream.status().sources[0]?.state;

async function both(id: number): Promise<void> {
  await lab.source.run(
    `BEGIN TRAN; INSERT dbo.A VALUES (${String(id)}, 0); INSERT dbo.B VALUES (${String(id)}, 0); COMMIT`,
  );
}

test("a transaction over several tables is seen whole or not at all, however big", async () => {
  const { stream } = start({ windowRows: 100 });
  // Copies of two tables are of two moments; the stream isn't.
  await eventually(() => expect(stream.status().tables.map(({ state }) => state)).toEqual(["streaming", "streaming"]));
  const values = Array.from({ length: 900 }, (_, id) => `(${String(id)}, 0)`).join(", ");
  await lab.source.run(`BEGIN TRAN; INSERT dbo.A VALUES ${values}; INSERT dbo.B VALUES ${values}; COMMIT`);
  const sums = `SELECT (SELECT count(*) || ':' || coalesce(sum("N"), 0) FROM s."A") AS a, (SELECT count(*) || ':' || coalesce(sum("N"), 0) FROM s."B") AS b`;
  for (let change = 1; change <= 15; change += 1) {
    await lab.source.run("BEGIN TRAN; UPDATE dbo.A SET N = N + 1; UPDATE dbo.B SET N = N + 1; COMMIT");
    const { rows: seen } = await lab.sink.query<{ a: string; b: string }>(sums);
    expect(seen[0]?.a).toBe(seen[0]?.b);
  }
  await eventually(async () => {
    const { rows: seen } = await lab.sink.query<{ a: string; b: string }>(sums);
    expect(seen[0]?.a).toBe(seen[0]?.b);
    expect(seen[0]?.a).toBe("900:13500");
  });
});

test("a second process waits for the lease and takes over; a process that was stopped for a while can't write any more", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let reached = (): void => undefined;
  const stuck = new Promise<void>((resolve) => (reached = resolve));
  const first = start({
    holder: "first",
    onStep: async (step) => {
      if (step !== "merged") return;
      reached();
      await held;
    },
  });
  await eventually(() => expect(stateOf(first)).toBe("idle"));
  await both(1);
  await stuck;
  const second = start({ holder: "second" });
  await eventually(() => expect(stateOf(second)).toBe("standby"));
  // As if the first were frozen: its lease runs out and isn't renewed.
  await lab.sink.query("UPDATE cdc_management.leases SET holder = 'second', token = token + 1");
  await eventually(() => expect(stateOf(second)).not.toBe("standby"));
  release();
  await eventually(async () => expect(await rows("B")).toEqual(["1 0"]));
  await eventually(() => expect(stateOf(first)).toBe("standby"));
  await both(2);
  await eventually(async () => expect(await rows("B")).toHaveLength(2));
  await second.stop();
  await both(3);
  await eventually(async () => expect(await rows("A")).toHaveLength(3));
  expect(lab.events.some(({ event }) => event === "source.standby")).toBe(true);
});

test("a connection that is cut when COMMIT was sent leaves nothing twice", async () => {
  const relay = await TcpRelay.open(lab.sink.config.port, {});
  let cuts = 0;
  const onStep = (step: string): void => {
    if (step === "leaseTaken") relay.resetAfter(Number.POSITIVE_INFINITY);
    if (step !== "recorded" || (cuts += 1) > 3) return;
    // The answer to COMMIT is what comes next.
    relay.resetAfter(1);
    setTimeout(() => {
      relay.resetAfter(Number.POSITIVE_INFINITY);
    }, 30);
  };
  start({ sink: { ...lab.sink.config, port: relay.port }, onStep });
  for (let id = 1; id <= 5; id += 1) {
    await both(id);
    await lab.source.run(`UPDATE dbo.A SET N = N + 1; DELETE dbo.B WHERE Id = ${String(id - 1)}`);
    await eventually(async () => expect(await rows("B")).toEqual([`${String(id)} 0`]));
  }
  await eventually(async () => expect(await rows("A")).toEqual(["1 5", "2 4", "3 3", "4 2", "5 1"]));
  expect(cuts).toBeGreaterThan(3);
  await Promise.all(running.splice(0).map((stream) => stream.stop()));
  await relay.close();
});

test("a table that is deployed meanwhile joins with its rows, one that is taken away leaves", async () => {
  await lab.source.run("CREATE TABLE dbo.C (Id int NOT NULL PRIMARY KEY, N int); INSERT dbo.C VALUES (1, 1)");
  const stream = start({}, ["A", "B", "C"]);
  await both(1);
  await eventually(async () => expect(await rows("A")).toHaveLength(1));
  await lab.source.capture("C");
  await lab.deploy([tableNamed("C")]);
  await eventually(async () => expect(await rows("C")).toEqual(["1 1"]));
  await lab.source.run("INSERT dbo.C VALUES (2, 2)");
  await eventually(async () => expect(await rows("C")).toEqual(["1 1", "2 2"]));
  await lab.sink.query("UPDATE cdc_management.merge_control SET unregistered_at = now() WHERE table_name = 'B'");
  await eventually(() => expect(stream.stream.status().tables.map(({ table }) => table)).toEqual(["A", "C"]));
});

test("a stream that is told to stop ends with its position written and its lease given back", async () => {
  const stream = start({ leaseTtlMs: 60_000 });
  await both(1);
  await eventually(async () => expect(await rows("A")).toHaveLength(1));
  await lab.source.run("CREATE TABLE dbo.Other (Id int)");
  const result = await stream.stop();
  expect(result).toMatchObject({ interrupted: true, healthy: true });
  const started = Date.now();
  await lab.once(["A", "B"], { holder: "next", leaseTtlMs: 60_000 });
  expect(Date.now() - started).toBeLessThan(10_000);
  const position = await lab.rows("SELECT position FROM cdc_management.v_sources");
  expect(position).toEqual([result.status.sources[0]?.position]);
});

test("a table without a snapshot gets what was captured since its instance began", async () => {
  await both(1);
  await lab.source.captured();
  const topology = { sources: [lab.topology(["A", "B"], "never")] };
  expect(await new Stream(lab.options({ topology, once: true })).run()).toMatchObject({ healthy: true });
  expect(await rows("A")).toEqual(["1 0"]);
  expect(await lab.rows("SELECT state FROM cdc_management.v_source_tables")).toEqual(["streaming", "streaming"]);
});
