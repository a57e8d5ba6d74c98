import * as fc from "fast-check";
import type { Envelope } from "../../model/envelope";
import { openFollowLab, type FollowLab } from "../../test/harness/follow-lab";
import { RANDOM_TABLES, randomTransactions, type RandomTransaction } from "../../test/harness/random-transactions";
import { ReplayedTable } from "../../test/harness/replayed-table";
import { canonical } from "../../test/harness/sql-server";
import type { FollowState } from "./state";

const RUNS = process.env["CDC_SOAK"] === "1" ? 1_000 : 12;
const TABLES = ["a", "b"];
const KEYS: Readonly<Record<string, readonly string[]>> = { a: ["id"], b: ["x", "y"] };

let lab: FollowLab;
beforeAll(async () => {
  lab = await openFollowLab();
});
afterAll(() => lab.close());

/** One start of the follower: what strikes it, and when it is killed. */
interface Start {
  readonly history: readonly RandomTransaction[];
  readonly fault: "none" | "deadlock" | "reset" | "look";
  /** Lines that the consumer has got when the follower is killed; all that there are when it is more. */
  readonly lines: number;
  /** How many of the states that were told the relay has not stored yet. */
  readonly unstored: number;
  readonly windowRows: number;
  readonly pageRows: number;
  readonly plain: boolean;
}

const starts = fc.array(
  fc.record<Start>({
    history: randomTransactions,
    fault: fc.constantFrom("none", "none", "deadlock", "reset", "look"),
    lines: fc.integer({ min: 0, max: 60 }),
    unstored: fc.integer({ min: 0, max: 3 }),
    windowRows: fc.constantFrom(1, 20_000),
    pageRows: fc.integer({ min: 1, max: 8 }),
    plain: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

/** What the consumer has, and what the relay has stored. */
interface Progress {
  readonly received: string[];
  stored: FollowState | undefined;
}

test("any history reaches its consumer whole and in order, through any faults and kills", async () => {
  await fc.assert(
    fc.asyncProperty(starts, async (all) => {
      await makeTables();
      const progress: Progress = { received: [], stored: undefined };
      for (const start of all) {
        await write(start.history);
        await runKilled(start, progress);
      }
      const rest = await lab.follow({ tables: TABLES, ...stateOf(progress) });
      progress.received.push(...linesOf(rest.text));
      const kept = withoutRepeats(progress.received);
      expect(kept).toEqual(linesOf((await lab.follow({ tables: TABLES })).text));
      for (const table of TABLES) expect(replayed(kept, table)).toEqual(await rowsOf(table));
    }),
    { numRuns: RUNS },
  );
}, 300_000);

/** Tables anew: what was captured of the old ones goes with them. */
async function makeTables(): Promise<void> {
  for (const table of TABLES) {
    await lab.run(
      `IF OBJECT_ID('cdc.dbo_${table}_CT') IS NOT NULL EXEC sys.sp_cdc_disable_table N'dbo', N'${table}', N'all'; DROP TABLE IF EXISTS dbo.${table}`,
    );
  }
  for (const statement of RANDOM_TABLES) await lab.run(statement);
  for (const table of TABLES) await lab.capture(table);
}

async function write(history: readonly RandomTransaction[]): Promise<void> {
  for (const { statements, rolledBack } of history) {
    await lab.tryRun("BEGIN TRAN");
    for (const statement of statements) await lab.tryRun(statement);
    await lab.tryRun(rolledBack ? "IF @@TRANCOUNT > 0 ROLLBACK" : "IF @@TRANCOUNT > 0 COMMIT");
  }
  await lab.captured();
}

/** Follows until the consumer has so many lines, or everything; then the follower is gone, with what it knew. */
async function runKilled(start: Start, progress: Progress): Promise<void> {
  strike(start.fault);
  const goal = await lab.maxLsn();
  const { windowRows, pageRows, plain } = start;
  const control = new AbortController();
  const settings = { tables: TABLES, windowRows, pageRows, plain, longestRetryMs: 1, ...stateOf(progress) };
  const states: FollowState[] = [];
  let left = start.lines;
  for await (const { lines, state } of lab.open(settings, control.signal).follow()) {
    const piece = linesOf(lines.toString());
    progress.received.push(...piece.slice(0, left));
    if (piece.length >= left) break;
    left -= piece.length;
    // It is stored when what comes before it has arrived: not that of a piece that has arrived in part.
    if (state !== undefined) states.push(JSON.parse(JSON.stringify(state)) as FollowState);
    if (state !== undefined && state.position >= goal) break;
  }
  control.abort();
  progress.stored = states.at(-1 - start.unstored) ?? progress.stored;
}

/** The follower's own reading: a fault that met nothing must not strike what makes the tables anew. */
const READING = /__\$start_lsn[^]*dbo_[ab]_CT/;

function strike(fault: Start["fault"]): void {
  const faults = lab.server.standIn?.control;
  if (fault === "deadlock") faults?.deadlock({ match: READING });
  if (fault === "reset") faults?.resetMidRow({ match: READING, afterRows: 2 });
  if (fault === "look") faults?.deadlock({ match: /^DECLARE @max binary/ });
}

function stateOf({ stored }: Progress): { state?: FollowState } {
  return stored === undefined ? {} : { state: stored };
}

/** As a consumer does that knows lines by their place: the first of each, which the later ones must equal. */
function withoutRepeats(lines: readonly string[]): string[] {
  const byPosition = new Map<string, string>();
  for (const line of lines) {
    const position = /"Position":"(\w+)"/.exec(line)?.[1] ?? "";
    const known = byPosition.get(position);
    if (known === undefined) byPosition.set(position, line);
    else expect(line).toBe(known);
  }
  return [...byPosition.values()];
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Rows that come of applying the changes of a table one after the other; each must fit those before. */
function replayed(lines: readonly string[], table: string): string[] {
  const rows = new ReplayedTable(KEYS[table]);
  const changes = lines.map((line) => JSON.parse(line) as Envelope);
  for (const change of changes) if (change.metadata.TableName === table) rows.apply(change);
  return [...rows.rows.values()].map((row) => textOf(Object.entries(row))).sort();
}

async function rowsOf(table: string): Promise<string[]> {
  const { results } = await lab.run(`SELECT * FROM dbo.${table}`);
  const [{ columns, rows } = { columns: [], rows: [] }] = results;
  return rows.map((row) => textOf(columns.map(({ name }, index) => [name, row[index]]))).sort();
}

function textOf(row: readonly (readonly [string, unknown])[]): string {
  const text = row.map(([name, value]): [string, string] => [name, canonical(value)]);
  return JSON.stringify(text.sort(([one], [other]) => (one < other ? -1 : 1)));
}
