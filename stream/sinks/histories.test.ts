import fc from "fast-check";
import { Readable } from "node:stream";
import { closePools } from "../../databases/postgres/pool";
import type { Position } from "../../model/position";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { column, sinkTable } from "../../test/harness/sink-model";
import { deliver, deliveries, type Delivery, type Plug } from "../../test/histories/delivery";
import { live, wishes, type History, type SourceRow, type Wish } from "../../test/histories/history";
import { loadEnvelopes } from "../load";
import { openPostgresSink, type PostgresSink, type SinkStep } from "./postgres";
import type { PgClient } from "./session";

const HISTORIES_PER_RUN = 50;
const RUNS = process.env["CDC_SOAK"] === undefined ? 20 : 200;
const TABLES = ["Hard", "Soft"] as const;

type Event = History["events"][number];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const columns = [
    column("h", "integer", { nullable: false }),
    column("k", "integer", { nullable: false }),
    column("a", "varchar(20)"),
    column("b", "text"),
    column("n", "numeric(8,2)"),
  ];
  const more = { columns, key: ["h", "k"], source: { schema: "dbo", table: "T" } };
  await deployTables(database, [sinkTable("s", "Hard", more), sinkTable("s", "Soft", { ...more, onDelete: "soft" })]);
});

afterAll(async () => {
  await closePools();
  await database.drop();
});

class Killed extends Error {}

/** One delivery of many histories into one table, with what is known of it from outside. */
class Run {
  /** Highest position in batches that are surely committed. */
  committed = "";
  private sending: Position | undefined;
  private stepsDone = 0;
  private plug: Plug | undefined;

  constructor(
    private readonly table: (typeof TABLES)[number],
    private readonly delivery: Delivery,
  ) {}

  async deliver(events: readonly Event[]): Promise<void> {
    const plugs = [...this.delivery.plugs];
    for (const part of deliver(events, this.delivery)) {
      for (let done = false; !done;) {
        this.plug = plugs.shift();
        done = await this.loadOnce(part);
        expect(await this.checkpoint()).toBe(this.committed);
      }
    }
  }

  async checkpoint(): Promise<string> {
    const { rows } = await database.query<{ p: string }>(
      "SELECT encode(position, 'hex') AS p FROM cdc_management.checkpoints",
    );
    return rows[0]?.p ?? "";
  }

  async rows(): Promise<Map<number, SourceRow[]>> {
    const { rows } = await database.query<SourceRow & { h: number }>(
      `SELECT h, k, a, b, n FROM s."${this.table}" WHERE lower(__cdc_operation) <> 'delete' ORDER BY h, k`,
    );
    const byHistory = new Map<number, SourceRow[]>();
    for (const row of rows) byHistory.set(row.h, [...(byHistory.get(row.h) ?? []), row]);
    return byHistory;
  }

  /** False when the process was killed. */
  private async loadOnce(events: readonly Event[]): Promise<boolean> {
    this.stepsDone = 0;
    const onStep = (step: SinkStep, client: PgClient): Promise<void> => this.step(step, client);
    const sink = this.watched(
      await openPostgresSink(database.config, { pipeline: "histories", holder: "test", onStep }),
    );
    const text = events.map(({ envelope }) => `${JSON.stringify(envelope)}\n`).join("");
    try {
      await loadEnvelopes(sink, Readable.from([Buffer.from(text)]), {
        table: `s.${this.table}`,
        batchRows: this.delivery.batchRows,
      });
      return true;
    } catch (error) {
      if ((error as Error).cause instanceof Killed) return false;
      throw error;
    } finally {
      await sink.close();
    }
  }

  private watched(sink: PostgresSink): PostgresSink {
    const write = sink.write.bind(sink);
    sink.write = (batch) => {
      this.sending = batch.highest;
      return write(batch);
    };
    return sink;
  }

  private async step(step: SinkStep, client: PgClient): Promise<void> {
    if (step === "committed") this.isCommitted();
    this.stepsDone += 1;
    const { plug } = this;
    if (plug === undefined || this.stepsDone <= plug.atStep || (plug.kind === "answer" && step !== "checkpointed"))
      return;
    this.plug = undefined;
    if (plug.kind === "answer") {
      await client.query("COMMIT");
      this.isCommitted();
    }
    (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
    if (plug.kind === "process") throw new Killed();
  }

  private isCommitted(): void {
    if (this.sending !== undefined && this.sending > this.committed) this.committed = this.sending;
  }
}

async function empty(): Promise<void> {
  await database.query(`TRUNCATE s."Hard", s."Soft", s."stg_Hard", s."stg_Soft",
    cdc_management.tombstones, cdc_management.checkpoints, cdc_management.dead_letters`);
}

function highest(events: readonly Event[]): string {
  return events.reduce((max, { position }) => (position > max ? position : max), "");
}

test(
  `any history, in any order and any batches, repeated and interrupted, gives the source's rows (${String(RUNS * HISTORIES_PER_RUN)} of them)`,
  async () => {
    const many: fc.Arbitrary<Wish[][]> = fc.array(wishes, {
      minLength: HISTORIES_PER_RUN,
      maxLength: HISTORIES_PER_RUN,
    });
    const run = async (lists: Wish[][], table: (typeof TABLES)[number], delivery: Delivery): Promise<void> => {
      await empty();
      const histories = lists.map((list, number) => live(number, list));
      const events = histories.flatMap((history) => history.events);
      const one = new Run(table, delivery);
      await one.deliver(events);
      expect(await one.checkpoint()).toBe(highest(events));
      const stored = await one.rows();
      for (const [number, history] of histories.entries()) {
        const wanted = [...history.rows.values()].sort((a, b) => a.k - b.k);
        expect({ number, rows: stored.get(number) ?? [] }).toEqual({
          number,
          rows: wanted.map((row) => ({ h: number, ...row })),
        });
      }
      expect((await database.query("SELECT reason FROM cdc_management.dead_letters")).rows).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(many, fc.constantFrom(...TABLES), deliveries, run), {
      numRuns: RUNS,
      endOnFailure: true,
    });
  },
  60 * 60_000,
);
