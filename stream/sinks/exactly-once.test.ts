import { Readable } from "node:stream";
import { closePools } from "../../databases/postgres/pool";
import { queryRows } from "../../databases/postgres/run";
import type { Envelope, EnvelopeRow, OperationType } from "../../model/envelope";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { sinkTable } from "../../test/harness/sink-model";
import { takePipelineLease } from "../leases/pipeline-lease";
import { loadEnvelopes, type LoadResult } from "../load";
import { openPostgresSink, type PostgresSinkOptions } from "./postgres";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [sinkTable("s", "T"), sinkTable("s", "U")]);
});

beforeEach(() =>
  database.query(
    `TRUNCATE s."T", s."U", s."stg_T", s."stg_U", cdc_management.tombstones, cdc_management.checkpoints, cdc_management.leases`,
  ),
);

afterAll(async () => {
  await closePools();
  await database.drop();
});

function event(lsn: number, OperationType: OperationType, data: EnvelopeRow, TableName = "T"): Envelope {
  return { data, metadata: { TableName, OperationType, LSN: lsn.toString(16).padStart(20, "0"), CommandId: 1 } };
}

async function load(
  events: readonly Envelope[],
  options: Partial<PostgresSinkOptions> = {},
  batchRows = 100,
): Promise<LoadResult> {
  const sink = await openPostgresSink(database.config, { pipeline: "p", ...options });
  try {
    const text = events.map((one) => `${JSON.stringify(one)}\n`).join("");
    return await loadEnvelopes(sink, Readable.from([Buffer.from(text)]), { batchRows });
  } finally {
    await sink.close();
  }
}

async function table(name = "T"): Promise<string[]> {
  const { rows } = await database.query<{ Id: string; Name: string }>(
    `SELECT "Id", "Name" FROM s."${name}" ORDER BY 1`,
  );
  return rows.map((row) => `${row.Id} ${row.Name}`);
}

/** Row addresses and their writers: equal only when nothing was written. */
async function versions(): Promise<unknown[]> {
  return (await database.query(`SELECT ctid::text, xmin::text FROM s."T" ORDER BY ctid`)).rows;
}

const HISTORY = Array.from({ length: 300 }, (_, n) => {
  const Id = n % 37;
  if (n % 11 === 10) return event(n, "Delete", { Id });
  return event(
    n,
    n % 3 === 0 ? "Insert" : "Update",
    n % 3 === 1 ? { Id, Name: `v${String(n)}` } : { Id, Name: `v${String(n)}`, Amount: n },
  );
});

describe("loading exactly once", () => {
  test("a late older event after a delete brings nothing back", async () => {
    await load([event(1, "Insert", { Id: 1, Name: "a" }), event(5, "Delete", { Id: 1 })]);
    const late = await load([
      event(3, "Update", { Id: 1, Name: "late", Amount: 1 }),
      event(2, "Update", { Id: 1, Name: "sparse" }),
    ]);
    expect(late.merged).toMatchObject({ inserted: 0, updated: 0, skipped: 2 });
    expect(await table()).toEqual([]);
  });

  test("the replay of any earlier window changes no row", async () => {
    await load(HISTORY);
    const before = await versions();
    for (const [from, to] of [
      [0, 300],
      [0, 1],
      [50, 120],
      [290, 300],
      [10, 299],
    ] as const) {
      const { merged } = await load(HISTORY.slice(from, to), {}, 33);
      expect(merged).toMatchObject({ inserted: 0, updated: 0, deleted: 0, dead: 0 });
    }
    expect(await versions()).toEqual(before);
  });

  test("a worker with an old token cannot commit, and its batch leaves nothing", async () => {
    const zombie = openPostgresSink(database.config, {
      pipeline: "p",
      holder: "zombie",
      // Somebody else takes over while the batch is being written.
      onStep: async (step) => {
        if (step !== "merged") return;
        await queryRows(database.config, "UPDATE cdc_management.leases SET holder = 'other', token = token + 1");
      },
    });
    const sink = await zombie;
    const line = Buffer.from(JSON.stringify(event(1, "Insert", { Id: 1, Name: "zombie" })));
    await expect(loadEnvelopes(sink, Readable.from([line]))).rejects.toMatchObject({
      code: "CDC_LEASE_LOST",
      message: "pipeline p: another process has taken over; nothing of this batch was written",
    });
    await sink.close();
    expect(await table()).toEqual([]);
    expect((await database.query("SELECT FROM cdc_management.checkpoints")).rows).toEqual([]);
  });

  test("a lease that is held is waited for, then refused with what to do", async () => {
    const first = await takePipelineLease(database.config, "p", { holder: "first", ttlMs: 60_000 });
    const notes: string[] = [];
    const second = takePipelineLease(database.config, "p", {
      holder: "second",
      waitMs: 100,
      onWait: (text) => notes.push(text),
    });
    await expect(second).rejects.toMatchObject({
      code: "CDC_LEASE_HELD",
      message: "pipeline p is in use by another process (first)",
    });
    expect(notes).toEqual(["pipeline p is in use by first: waiting for it"]);
    await first.release();
    await (await takePipelineLease(database.config, "p", { holder: "second", waitMs: 0 })).release();
  });

  test("a dead holder's lease is free when its time is up, with a new token; a living one renews it", async () => {
    await database.query("SELECT cdc_management.acquire_lease('pipeline:p', 'dead', interval '300 milliseconds')");
    const heir = await takePipelineLease(database.config, "p", { holder: "heir", ttlMs: 200, waitMs: 5_000 });
    expect(heir.token).toBe("2");
    const rival = takePipelineLease(database.config, "p", { holder: "rival", ttlMs: 200, waitMs: 700 });
    await expect(rival).rejects.toMatchObject({ code: "CDC_LEASE_HELD" });
    expect(heir.token).toBe("2");
    await heir.release();
  });

  test("two loads at once of one history: each waits for the other's merge, and nothing is lost", async () => {
    const both = [HISTORY, [...HISTORY].reverse()].map((events, n) => load(events, { pipeline: `p${String(n)}` }, 7));
    const results = await Promise.all(both);
    expect(results.map(({ dead, committed }) => [dead, committed])).toEqual([
      [0, 300],
      [0, 300],
    ]);
    const found = await table();
    await database.query(`TRUNCATE s."T", cdc_management.tombstones`);
    await load(HISTORY);
    expect(found).toEqual(await table());
  });

  test("two loads of one pipeline take turns", async () => {
    const loads = ["a", "b"].map((holder) => load(HISTORY, { holder, ttlMs: 2_000 }));
    expect((await Promise.all(loads)).map(({ committed }) => committed)).toEqual([300, 300]);
  });

  test("the server's restart in mid-load is survived", async () => {
    let kills = 0;
    const result = await load(HISTORY, {
      onStep: async (step, client) => {
        const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        if (step !== "copied" || kills >= 2) return;
        kills += 1;
        await database.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      },
    });
    expect({ kills, committed: result.committed }).toEqual({ kills: 2, committed: 300 });
  });

  test("rows that others staged are merged along, however many", async () => {
    await database.query(`INSERT INTO s."stg_T" ("Id", "Name", __cdc_operation, __cdc_position)
      SELECT n, 'kafka', 'c', decode(lpad(to_hex(n), 50, '0'), 'hex') FROM generate_series(1000, 3000) AS n`);
    await load([event(1, "Insert", { Id: 1, Name: "native" })]);
    expect(await table()).toHaveLength(2_002);
    expect((await database.query(`SELECT FROM s."stg_T"`)).rows).toEqual([]);
  });

  test("the database that is not there, or has nothing deployed, is told apart", async () => {
    const options = { pipeline: "p" };
    await expect(openPostgresSink({ ...database.config, database: "nowhere" }, options)).rejects.toMatchObject({
      code: "CDC_PG_NO_DATABASE",
    });
    await expect(openPostgresSink({ ...database.config, database: "postgres" }, options)).rejects.toMatchObject({
      code: "CDC_NOT_DEPLOYED",
      hint: "Run `cdc up` for this stack first.",
    });
    await expect(openPostgresSink({ ...database.config, port: 1 }, options)).rejects.toMatchObject({
      code: "CDC_PG_UNREACHABLE",
    });
  });
});
