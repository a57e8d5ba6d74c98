import { Client } from "pg";
import { startPostgres, type RunningPostgres } from "../../sandbox/postgres";
import { deployTables } from "../../test/harness/deploy-tables";
import { labTable, merge, type Session } from "../../test/harness/merge-lab";

const unlogged = labTable("Unlogged");
const logged = labTable("Logged", { stagingLogged: true });

describe("B12: a crash of PostgreSQL", () => {
  let postgres: RunningPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
    await using(async (session) => {
      await deployTables({ config: { database: "postgres" }, query: session.query.bind(session) } as never, [
        unlogged,
        logged,
      ]);
      for (const table of [unlogged, logged]) {
        await stageOffsets(session, table.staging, 1, 500);
        await merge(session, table);
        await stageOffsets(session, table.staging, 501, 500);
      }
    });
    await postgres.kill();
    postgres = await startPostgres({ dataDirectory: postgres.dataDirectory });
  });
  afterAll(async () => {
    const { dataDirectory } = postgres;
    await postgres.stop();
    (await import("node:fs")).rmSync(dataDirectory, { recursive: true, force: true });
  });

  test("loses nothing of logged staging, nor of what was merged or is to be done", () =>
    using(async (session) => {
      await session.query("CALL cdc_management.trigger_pending_merges()");
      expect(await count(session, "Logged")).toBe(1_000);
      expect(await count(session, "Unlogged")).toBe(500);
      const { rows } = await session.query("SELECT schema_name FROM cdc_management.merge_control");
      expect(rows).toHaveLength(2);
    }));

  test("empties unlogged staging, and the gap is shown until the rows come again", () =>
    using(async (session) => {
      await stageOffsets(session, unlogged.staging, 1_001, 10);
      await merge(session, unlogged);
      const gaps = () =>
        session.query(
          "SELECT table_name, gap_first_offset::int, gap_last_offset::int FROM cdc_management.v_cdc_processing_gaps",
        );
      expect((await gaps()).rows).toEqual([{ table_name: "Unlogged", gap_first_offset: 501, gap_last_offset: 1_000 }]);
      await stageOffsets(session, unlogged.staging, 501, 500);
      await merge(session, unlogged);
      expect((await gaps()).rows).toEqual([]);
      expect(await count(session, "Unlogged")).toBe(1_010);
    }));

  async function using(work: (session: Session) => Promise<void>): Promise<void> {
    const { host, port, user, password } = postgres;
    const client = new Client({ host, port, user, password, database: "postgres" });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }
});

async function stageOffsets(session: Session, staging: string, first: number, number: number): Promise<void> {
  await session.query(
    `INSERT INTO lab."${staging}" (h, k, r, __cdc_operation, __cdc_position, __kafka_topic, __kafka_partition, __kafka_offset)
     SELECT 1, g, 'r', 'Insert', '\\x01', 'topic', 0, g FROM generate_series($1::int, $1 + $2::int - 1) AS g`,
    [first, number],
  );
}

async function count(session: Session, name: string): Promise<number> {
  const { rows } = await session.query(`SELECT count(*)::int AS n FROM lab."${name}"`);
  return (rows[0] as { n: number }).n;
}
