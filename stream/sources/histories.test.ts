import fc from "fast-check";
import type { EnvelopeRow } from "../../model/envelope";
import { NO_LSN, type Lsn } from "../../model/lsn";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { RANDOM_TABLES, randomTransactions, type RandomTransaction } from "../../test/harness/random-transactions";
import { ReplayedTable } from "../../test/harness/replayed-table";
import { sourceShape } from "../../test/harness/source-shape";
import type { ChangeEvent } from "../copy/text-changes";
import { CaptureReader } from "./capture-reader";
import { mergeOrdered } from "./merge-ordered";
import { readChangePages } from "./read-change-envelopes";

const SOAK = process.env["CDC_SOAK"] === "1";
/** A real server captures every five seconds, so fewer histories are looked at there. */
const HISTORIES = process.env["MSSQL_TEST_URL"] === undefined ? (SOAK ? 10_000 : 100) : 5;

const SHAPES = [
  sourceShape("a", { id: "integer", u: "integer", name: "text", note: "text" }),
  sourceShape("b", { x: "integer", y: "integer", v: "text", t: "text" }, ["x", "y"]),
  sourceShape("marks", { n: "integer" }, ["n"]),
];

let lab: CaptureLab;
let marks = 0;
beforeAll(async () => {
  lab = await openCaptureLab();
  for (const statement of [...RANDOM_TABLES, "CREATE TABLE dbo.marks (n int NOT NULL PRIMARY KEY)"])
    await lab.run(statement);
  for (const { table } of SHAPES) await lab.capture(table);
});
afterAll(() => lab.close());

/** Rows of both tables, as text. */
type Contents = string;

/** Reads the changes of both tables and keeps what they make of the rows. */
class Replica {
  /** Transactions that were compared. */
  compared = 0;
  private readonly reader = new CaptureReader(lab.config, lab);
  private position: Lsn = NO_LSN;
  private readonly tables = this.empty();
  private mark: number | undefined;
  private lsn = "";

  constructor(private readonly expected: ReadonlyMap<number, Contents>) {}

  /** Begins with empty tables at the end of the log. */
  async start(): Promise<void> {
    await lab.run("DELETE dbo.a; DELETE dbo.b");
    await lab.captured();
    // What earlier histories left behind.
    lab.server.standIn?.control.cleanUp(lab.database, 0);
    this.position = (await this.reader.poll(undefined, undefined, 1)).maxLsn ?? NO_LSN;
  }

  /** Reads all that is captured, in windows of so many transactions. */
  async read(maxTransactions: number): Promise<void> {
    for (;;) {
      const { windowEnd: upTo, instances } = await this.reader.poll(this.position, undefined, maxTransactions);
      if (upTo === undefined) return;
      const changed = await this.reader.changedInstances(instances, this.position, upTo);
      const inputs = SHAPES.flatMap((shape) => {
        const instance = instances.find(({ name }) => name === `dbo_${shape.table}`);
        if (instance === undefined || !changed.has(instance.name)) return [];
        return [readChangePages(lab.config, { shape, instance, after: this.position, upTo }, 7)];
      });
      for await (const { events } of mergeOrdered(inputs, 3)) for (const event of events) this.apply(event);
      this.endTransaction("");
      this.position = upTo;
    }
  }

  private apply({ envelope }: ChangeEvent): void {
    const { LSN, TableName } = envelope.metadata;
    if (LSN !== this.lsn) this.endTransaction(LSN);
    if (TableName === "marks") this.mark = Number(envelope.data["n"]);
    else this.tables.get(TableName)?.apply(envelope);
  }

  // The transaction's mark tells what the tables held right after it.
  private endTransaction(next: string): void {
    this.lsn = next;
    if (this.mark === undefined) return;
    const rows = [...this.tables.values()].map((table) => [...table.rows.values()]);
    expect(contentsOf(rows)).toBe(this.expected.get(this.mark));
    this.mark = undefined;
    this.compared += 1;
  }

  private empty(): Map<string, ReplayedTable> {
    return new Map([
      ["a", new ReplayedTable(["id"])],
      ["b", new ReplayedTable(["x", "y"])],
    ]);
  }
}

function contentsOf(tables: readonly (readonly EnvelopeRow[])[]): Contents {
  const columns = SHAPES.map((shape) => shape.columns.map(({ name }) => name));
  const texts = tables.map((rows, table) =>
    rows.map((row) => JSON.stringify((columns[table] ?? []).map((name) => row[name]))).sort(),
  );
  return texts.map((rows) => rows.join("\n")).join("\n\n");
}

/** Runs the statements in one transaction; what the tables hold after it, by its mark. */
async function commit({ statements }: RandomTransaction, expected: Map<number, Contents>): Promise<void> {
  const mark = (marks += 1);
  const text = `BEGIN TRAN; ${statements.join("; ")}; INSERT dbo.marks VALUES (${String(mark)}); COMMIT`;
  // Some statements break a key; they are taken back alone, and the transaction goes on.
  const { errors } = await lab.tryRun(text);
  expect(errors.filter(({ number }) => ![2627, 2601, 3621].includes(number))).toEqual([]);
  const { results } = await lab.run("SELECT id, u, name, note FROM dbo.a; SELECT x, y, v, t FROM dbo.b");
  const tables = results.map(({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, textOf(row[index])]))),
  );
  expected.set(mark, contentsOf(tables));
}

function textOf(value: unknown): string | null {
  return value === null || typeof value === "string" ? value : JSON.stringify(value);
}

test("any history of transactions replays to what the tables held after each of them", async () => {
  let transactions = 0;
  await fc.assert(
    fc.asyncProperty(randomTransactions, async (history) => {
      const expected = new Map<number, Contents>();
      const replica = new Replica(expected);
      await replica.start();
      for (const transaction of history) {
        if (transaction.rolledBack) await lab.tryRun(`BEGIN TRAN; ${transaction.statements.join("; ")}; ROLLBACK`);
        else await commit(transaction, expected);
        const { standIn } = lab.server;
        if (!transaction.read || standIn === undefined) continue;
        standIn.control.writeDummyLsn(lab.database);
        await lab.captured();
        await replica.read(transaction.window);
      }
      await lab.captured();
      await replica.read(2);
      expect(replica.compared).toBe(expected.size);
      transactions += expected.size;
    }),
    { numRuns: HISTORIES },
  );
  expect(transactions).toBeGreaterThan(HISTORIES);
}, 3_600_000);
