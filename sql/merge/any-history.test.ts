import fc from "fast-check";
import { BATCHES, deliveredHistory, type DeliveredHistory } from "../../test/arbitraries/staged-events";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { finalRows, labTable, merge, rowVersions, stage } from "../../test/harness/merge-lab";
import { modelOf, type StagedEvent } from "../../test/harness/merge-model";

const SOAK = process.env["CDC_SOAK"] === "1";
const RUNS = SOAK ? 40 : 4;
const HISTORIES = 250;

describe.each(["hard", "soft"] as const)("any history with %s deletes", (onDelete) => {
  const table = labTable(onDelete, { onDelete });
  let database: TestDatabase;
  let next = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    await deployTables(database, [table]);
    await database.query(`ALTER TABLE lab.${onDelete} ADD CHECK (r <> 'poison')`);
  });
  afterAll(() => database.drop());

  test(
    "gives the model's table, however shuffled, repeated, split and undone; a replay changes nothing",
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(deliveredHistory, { minLength: HISTORIES, maxLength: HISTORIES }),
          fc.array(fc.record({ poison: fc.boolean(), undo: fc.boolean(), size: fc.constantFrom(50, 1_000_000) }), {
            minLength: BATCHES,
            maxLength: BATCHES,
          }),
          async (histories, manners) => {
            const first = next;
            next += HISTORIES;
            const numbered = histories.map((history, index) => renumber(history, first + index));
            for (const [place, manner] of manners.entries()) await deliver(numbered, place, first, manner);
            await compare(numbered, first);
            await replay(numbered);
          },
        ),
        { numRuns: RUNS, endOnFailure: true, asyncReporter: failBriefly },
      ),
    SOAK ? 3_600_000 : 120_000,
  );

  async function deliver(
    histories: readonly DeliveredHistory[],
    place: number,
    first: number,
    manner: { poison: boolean; undo: boolean; size: number },
  ): Promise<void> {
    const events = histories.flatMap(({ batches }) => batches[place] ?? []);
    // A row that the table refuses sends the whole batch down the slow path.
    const bad = {
      h: -1 - first,
      k: place,
      position: 1,
      operation: "Insert",
      r: "poison",
      a: null,
      b: null,
      lob: null,
    } as const;
    await stage(database, table, manner.poison ? [...events, { ...bad, unchanged: [] }] : events);
    if (manner.undo) {
      await database.query("BEGIN");
      await merge(database, table, manner.size);
      await database.query("ROLLBACK");
    }
    const before = (await finalRows(database, table)).length;
    const { dead, inserted, deleted } = await merge(database, table, manner.size);
    expect(dead).toBe(manner.poison ? 1 : 0);
    const after = (await finalRows(database, table)).length;
    expect(after - before).toBe(onDelete === "hard" ? inserted - deleted : inserted);
    expect(await leftovers()).toEqual({ staged: 0, tombstones: 0 });
  }

  /** Staged rows, and tombstones of keys that have a row. */
  async function leftovers(): Promise<unknown> {
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM lab."stg_${onDelete}") AS staged, (
         SELECT count(*)::int FROM cdc_management.tombstones AS b
         JOIN lab.${onDelete} AS t ON b.key = jsonb_build_array(t.h, t.k)::text
       ) AS tombstones`,
    );
    return rows[0];
  }

  async function compare(histories: readonly DeliveredHistory[], first: number): Promise<void> {
    const found = (await finalRows(database, table)).filter(({ h }) => h >= first);
    const wrong = histories.find((history, index) => {
      const own = found.filter(({ h }) => h === first + index);
      return JSON.stringify(own) !== JSON.stringify(modelOf(history.events, onDelete));
    });
    if (wrong === undefined) return;
    const own = found.filter(({ h }) => h === wrong.events[0]?.h);
    expect({ history: wrong, rows: own }).toEqual({ history: wrong, rows: modelOf(wrong.events, onDelete) });
  }

  async function replay(histories: readonly DeliveredHistory[]): Promise<void> {
    const before = await rowVersions(database, table);
    await stage(
      database,
      table,
      histories.flatMap(({ events }) => [...events].reverse()),
    );
    const { inserted, updated, deleted } = await merge(database, table);
    expect({ inserted, updated, deleted }).toEqual({ inserted: 0, updated: 0, deleted: 0 });
    expect(await rowVersions(database, table)).toEqual(before);
  }
});

/** The failing history is in the cause; all 250 would fill the screen. */
function failBriefly(run: { failed: boolean; seed: number; errorInstance: unknown }): Promise<void> {
  if (run.failed)
    return Promise.reject(new Error(`failed with seed ${String(run.seed)}`, { cause: run.errorInstance }));
  return Promise.resolve();
}

function renumber({ events, batches }: DeliveredHistory, h: number): DeliveredHistory {
  const numbered = (event: StagedEvent): StagedEvent => ({ ...event, h });
  return { events: events.map(numbered), batches: batches.map((batch) => batch.map(numbered)) };
}
