import fc from "fast-check";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { column, sinkTable } from "../../test/harness/sink-model";
import { openSnapshotLab, type SnapshotLab } from "../../test/harness/snapshot-lab";
import type { SnapshotProgress } from "../run/snapshot-context";
import { snapshotTable } from "./snapshot-table";

/** What others do at the source, or the stream in the sink, between two chunks. */
type Step =
  | { readonly do: "insert" | "update" | "delete" | "large"; readonly a: number; readonly b: number }
  | { readonly do: "move"; readonly a: number; readonly b: number; readonly to: number }
  | { readonly do: "all" | "clear" | "drain" | "die" };

const id = fc.integer({ min: 1, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("insert", "update", "delete", "large"), a: id, b: id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("move"), a: id, b: id, to: id }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("drain") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("all", "clear", "die") }) },
);

const history = fc.record({
  /** Rows that an earlier snapshot has copied. */
  before: fc.array(fc.tuple(id, id), { maxLength: 12 }),
  /** Changes after it that no stream has seen. */
  lost: fc.array(step, { maxLength: 6 }),
  /** By the steps of the snapshot's chunks. */
  beside: fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 12 }),
  chunkRows: fc.integer({ min: 1, max: 5 }),
  soft: fc.boolean(),
});

const COLUMNS = [
  column("A", "integer", { nullable: false }),
  column("B", "varchar(10)", { nullable: false }),
  column("V", "integer"),
  column("L", "text"),
];

describe("a snapshot beside its stream", () => {
  let lab: SnapshotLab;
  let number = 0;
  let value = 0;

  beforeAll(async () => {
    lab = await openSnapshotLab();
  });

  afterAll(() => lab.close());

  async function table(soft: boolean): Promise<TableShape> {
    const name = `H${String((number += 1))}`;
    await lab.source.run(
      `CREATE TABLE dbo.${name} (A int NOT NULL, B nvarchar(10) NOT NULL, V int, L nvarchar(max), PRIMARY KEY (A, B))`,
    );
    await lab.source.capture(name);
    const sink = sinkTable("hub", name, { columns: COLUMNS, key: ["A", "B"], onDelete: soft ? "soft" : "hard" });
    await lab.deploy(sink);
    return lab.shape(sink);
  }

  function statement({ source: { table: name } }: TableShape, one: Step): string {
    value += 1;
    const where = "a" in one ? `WHERE A = ${String(one.a)} AND B = N'b${String(one.b)}'` : "";
    switch (one.do) {
      case "insert":
        return `INSERT dbo.${name} SELECT ${String(one.a)}, N'b${String(one.b)}', ${String(value)}, N'l${String(value)}' WHERE NOT EXISTS (SELECT 1 FROM dbo.${name} ${where})`;
      case "update":
        return `UPDATE dbo.${name} SET V = ${String(value)} ${where}`;
      case "large":
        return `UPDATE dbo.${name} SET L = N'large ${String(value)}' ${where}`;
      case "delete":
        return `DELETE dbo.${name} ${where}`;
      case "move":
        return `IF NOT EXISTS (SELECT 1 FROM dbo.${name} WHERE A = ${String(one.to)} AND B = N'b${String(one.b)}') UPDATE dbo.${name} SET A = ${String(one.to)} ${where}`;
      case "all":
        return `UPDATE dbo.${name} SET V = V + 1000`;
      case "clear":
        return `DELETE dbo.${name} WHERE A % 2 = 0`;
      default:
        return "";
    }
  }

  async function rowsOf(shape: TableShape): Promise<{ source: unknown[]; sink: unknown[] }> {
    const { table: name, onDelete } = shape;
    const source = await lab.source.run(`SELECT A, B, V, L FROM dbo.${name} ORDER BY A, B`);
    const living = onDelete === "soft" ? "WHERE __cdc_operation <> 'delete'" : "";
    const sink = await lab.sink.query(`SELECT "A", "B", "V", "L" FROM hub."${name}" ${living} ORDER BY 1, 2`);
    return { source, sink: sink.rows.map((row) => Object.values<unknown>(row)) };
  }

  test("any history at the source leaves the sink with the source's rows", async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ before, lost, beside, chunkRows, soft }) => {
        const shape = await table(soft);
        const change = async (one: Step): Promise<void> => {
          const text = statement(shape, one);
          if (text !== "") await lab.source.run(text);
        };
        for (const [a, b] of before) await change({ do: "insert", a, b });
        await lab.source.captured();
        const first = { joinedAt: await lab.maxLsn(), phase: "rows", rows: 0, deleted: 0 } as const;
        if (before.length > 0) await snapshotTable(await lab.context(shape), first);
        for (const one of lost) await change(one);
        await lab.source.captured();

        let position: Lsn = await lab.maxLsn();
        let progress: SnapshotProgress = { ...first, joinedAt: position };
        const turns = [...beside];
        const onStep = async (name: string): Promise<void> => {
          if (name === "snapshotRecorded") return;
          for (const one of turns.shift() ?? []) {
            // In the middle of a chunk's transaction the stream's merge would wait for it.
            if (one.do === "drain" && name === "snapshotCommitted") {
              await lab.source.captured();
              position = await lab.drain(shape, position);
            } else if (one.do === "die") throw new Error("died");
            else await change(one);
          }
        };
        const context = await lab.context(shape, { chunkRows, onStep });
        const attempt = (): Promise<boolean> =>
          snapshotTable(context, progress).then(
            () => true,
            (error: unknown) => {
              if (!/died$/.test((error as Error).message)) throw error;
              return false;
            },
          );
        await lab.sink.query("DELETE FROM progress");
        while (!(await attempt())) progress = (await lab.progress(shape)) ?? progress;
        await lab.source.captured();
        await lab.drain(shape, position);
        const { source, sink } = await rowsOf(shape);
        expect(sink).toEqual(source);
      }),
      { numRuns: process.env["CDC_SOAK"] === "1" ? 400 : 25 },
    );
  });
});
