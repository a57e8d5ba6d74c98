import fc from "fast-check";
import { setTimeout as sleep } from "node:timers/promises";
import type { SinkTable } from "../../model/sink";
import type { TableShape } from "../../model/table-shape";
import type { Lsn } from "../../model/lsn";
import { column, sinkTable } from "../../test/harness/sink-model";
import { openSnapshotLab, type SnapshotLab } from "../../test/harness/snapshot-lab";
import { snapshotTable } from "../snapshot/snapshot-table";
import { verify, type VerifyOptions } from "./verify";
import type { VerifiedTable } from "./differences";

const COLUMNS = [
  column("Id", "integer", { nullable: false }),
  column("Name", "varchar(50)"),
  column("At", "timestamp(6)"),
  column("Amount", "numeric(8,2)"),
];

describe("a comparison of source and sink", () => {
  let lab: SnapshotLab;
  let number = 0;

  beforeAll(async () => {
    lab = await openSnapshotLab();
  });

  afterAll(() => lab.close());

  /** A captured source table with so many rows, already copied into its sink table. */
  async function copied(rows: number, more: Partial<SinkTable> = {}): Promise<TableShape> {
    const name = `V${String((number += 1))}`;
    await lab.source.run(
      `CREATE TABLE dbo.${name} (Id int NOT NULL PRIMARY KEY, Name nvarchar(50), At datetime2(7), Amount decimal(9,4))`,
    );
    await lab.source.capture(name);
    for (let id = 1; id <= rows; id += 1)
      await lab.source.run(
        `INSERT dbo.${name} VALUES (${String(id)}, N'name ${String(id)}', '2026-01-02 03:04:05.1234567', ${String(id)}.2551)`,
      );
    const sink = sinkTable("hub", name, { columns: COLUMNS, ...more });
    await lab.deploy(sink);
    const shape = lab.shape(sink);
    await lab.source.captured();
    await snapshotTable(await lab.context(shape), { joinedAt: await lab.maxLsn(), phase: "rows", rows: 0, deleted: 0 });
    return shape;
  }

  async function compare(shape: TableShape, more: Partial<VerifyOptions> = {}): Promise<VerifiedTable> {
    const { schema, table, database = "" } = shape.source;
    const result = await verify({
      pipeline: "lab",
      topology: {
        sources: [
          {
            connection: "source:dev:test",
            database,
            tenants: ["north"],
            tables: [{ schema, table, snapshot: "initial", ownInstances: [] }],
          },
        ],
      },
      sourceConfig: () => lab.source.config,
      serverName: () => "test",
      sink: lab.sink.config,
      chunkRows: 3,
      graceMs: 20,
      settleMs: 300,
      ...more,
    });
    expect(result.tables).toHaveLength(1);
    return result.tables[0] as VerifiedTable;
  }

  function sinkName(shape: TableShape): string {
    return `hub."${shape.table}"`;
  }

  test("finds nothing in equal data, after lossy mappings too", async () => {
    const shape = await copied(8);
    expect(await compare(shape)).toMatchObject({
      source: `test/${lab.source.config.database}`,
      sourceTable: `dbo.${shape.table}`,
      rows: 8,
      equal: true,
      differences: [],
      unsettled: 0,
    });
  });

  test("names missing, extra and different rows, the latter with their columns", async () => {
    const shape = await copied(9);
    await lab.sink.query(`DELETE FROM ${sinkName(shape)} WHERE "Id" = 2;
      UPDATE ${sinkName(shape)} SET "Name" = 'other', "Amount" = 0 WHERE "Id" = 5;
      UPDATE ${sinkName(shape)} SET "At" = NULL WHERE "Id" = 9;
      INSERT INTO ${sinkName(shape)} ("Id") VALUES (77)`);
    const found = await compare(shape);
    expect(found).toMatchObject({ rows: 9, equal: false, counts: { missing: 1, extra: 1, different: 2, refused: 0 } });
    expect(found.differences).toHaveLength(4);
    expect(found.differences).toEqual(
      expect.arrayContaining([
        { kind: "missing", key: { Id: "2" } },
        { kind: "different", key: { Id: "5" }, columns: ["Amount", "Name"] },
        { kind: "different", key: { Id: "9" }, columns: ["At"] },
        { kind: "extra", key: { Id: "77" } },
      ]),
    );
  });

  test("finds exactly what any history of the sink has changed", async () => {
    const shape = await copied(12);
    const copy = `CREATE TABLE kept AS SELECT * FROM ${sinkName(shape)}`;
    await lab.sink.query(copy);
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 });
    const changes = fc.tuple(ids, ids, fc.uniqueArray(fc.integer({ min: 13, max: 30 }), { maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 1, max: 13 }), async ([gone, other, more], chunkRows) => {
        const list = (some: readonly number[]): string => `(${[0, ...some].join(", ")})`;
        await lab.sink.query(`TRUNCATE ${sinkName(shape)}; INSERT INTO ${sinkName(shape)} SELECT * FROM kept;
          UPDATE ${sinkName(shape)} SET "Name" = concat("Name", ' ') WHERE "Id" IN ${list(other)};
          DELETE FROM ${sinkName(shape)} WHERE "Id" IN ${list(gone)};
          INSERT INTO ${sinkName(shape)} ("Id") SELECT unnest('{${more.join(",")}}'::int[])`);
        const { differences } = await compare(shape, { chunkRows, limit: 100, graceMs: 0 });
        const of = (kind: string): number[] =>
          differences.filter((one) => one.kind === kind).map(({ key }) => Number(key["Id"]));
        const sorted = (some: readonly number[]): number[] => [...some].sort((a, b) => a - b);
        expect(sorted(of("missing"))).toEqual(sorted(gone));
        expect(sorted(of("different"))).toEqual(sorted(other.filter((id) => !gone.includes(id))));
        expect(sorted(of("extra"))).toEqual(sorted(more));
      }),
      { numRuns: process.env["CDC_SOAK"] === "1" ? 100 : 4 },
    );
  });

  test("names no more rows than asked for, and counts all", async () => {
    const shape = await copied(9);
    await lab.sink.query(`DELETE FROM ${sinkName(shape)} WHERE "Id" > 1`);
    const { counts, differences } = await compare(shape, { limit: 2 });
    expect(counts.missing).toBe(8);
    expect(differences).toHaveLength(2);
  });

  test("takes rows that are marked as deleted for absent", async () => {
    const shape = await copied(3, { onDelete: "soft" });
    await lab.sink.query(`INSERT INTO ${sinkName(shape)} ("Id", __cdc_operation) VALUES (4, 'delete')`);
    expect((await compare(shape)).equal).toBe(true);
    await lab.sink.query(`UPDATE ${sinkName(shape)} SET __cdc_operation = 'delete' WHERE "Id" = 1`);
    expect((await compare(shape)).differences).toEqual([{ kind: "missing", key: { Id: "1" } }]);
  });

  test("tells rows that the sink cannot hold", async () => {
    const shape = await copied(2);
    await lab.source.run(`UPDATE dbo.${shape.table} SET Name = NCHAR(0) WHERE Id = 2`);
    const { equal, differences } = await compare(shape);
    expect(equal).toBe(false);
    expect(differences).toEqual([
      { kind: "refused", key: { Id: "2" }, reason: expect.stringContaining("NUL character") as string },
    ]);
  });

  test("looks again at what the stream brings while it compares", async () => {
    const shape = await copied(6);
    const position = await lab.maxLsn();
    await lab.source
      .run(`UPDATE dbo.${shape.table} SET Name = N'late' WHERE Id = 4; DELETE dbo.${shape.table} WHERE Id = 1;
      INSERT dbo.${shape.table} VALUES (7, NULL, NULL, NULL)`);
    await lab.source.captured();
    let brought: Promise<Lsn> | undefined;
    const onProgress = (): void => {
      brought ??= lab.drain(shape, position);
    };
    expect(await compare(shape, { onProgress, graceMs: 500 })).toMatchObject({ equal: true, unsettled: 0 });
    await brought;
  });

  test("takes no burst of changes on their way for differences", async () => {
    const shape = await copied(1);
    const position = await lab.maxLsn();
    const rows = Array.from({ length: 1_500 }, (_, index) => `(${String(index + 2)}, N'x', NULL, NULL)`);
    for (const part of [rows.slice(0, 800), rows.slice(800)])
      await lab.source.run(`INSERT dbo.${shape.table} VALUES ${part.join(", ")}`);
    await lab.source.captured();
    const drained = sleep(200).then(() => lab.drain(shape, position));
    const settings = { chunkRows: 5_000, graceMs: 1_500, settleMs: 5_000 };
    expect(await compare(shape, settings)).toMatchObject({ rows: 1_501, equal: true, unsettled: 0 });
    await drained;
    await lab.sink.query(`DELETE FROM ${sinkName(shape)}`);
    expect((await compare(shape, { ...settings, graceMs: 0 })).counts.missing).toBe(1_501);
  });

  test("says when the stream is behind, and differs from what it has yet to bring", async () => {
    const shape = await copied(1);
    await lab.source.run(`DELETE dbo.${shape.table}`);
    await lab.source.captured();
    const { equal, remark, differences } = await compare(shape);
    expect(equal).toBe(false);
    expect(differences).toEqual([{ kind: "extra", key: { Id: "1" } }]);
    expect(remark).toMatch(/^no stream of pipeline lab|^the stream has brought/);
  });

  test("tells a table that cannot be compared as its problem, and writes nothing", async () => {
    const shape = await copied(1);
    const before = await lab.sink.query(`SELECT ctid, xmin, * FROM ${sinkName(shape)}`);
    await compare(shape);
    expect((await lab.sink.query(`SELECT ctid, xmin, * FROM ${sinkName(shape)}`)).rows).toEqual(before.rows);
    await lab.source.run(
      `EXEC sys.sp_cdc_disable_table N'dbo', N'${shape.table}', N'all'; DROP TABLE dbo.${shape.table}`,
    );
    expect(await compare(shape)).toMatchObject({
      equal: false,
      problem: {
        code: "CDC_SOURCE_NO_TABLE",
        message: `table dbo.${shape.table} is not in database ${lab.source.config.database}`,
      },
    });
  });
});
