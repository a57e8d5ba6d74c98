import type { Lsn } from "../../model/lsn";
import type { Column } from "../../model/column";
import type { SinkTable } from "../../model/sink";
import type { TableShape } from "../../model/table-shape";
import { column, sinkTable } from "../../test/harness/sink-model";
import { openSnapshotLab, type LabSnapshot, type SnapshotLab } from "../../test/harness/snapshot-lab";
import type { SnapshotContext, SnapshotProgress } from "../run/snapshot-context";
import { chunkPosition, readPosition } from "./read-event";
import { snapshotTable } from "./snapshot-table";

const COLUMNS = [column("Id", "integer", { nullable: false }), column("Name", "varchar(50)"), column("Note", "text")];

function from(joinedAt: Lsn, phase: SnapshotProgress["phase"] = "rows"): SnapshotProgress {
  return { joinedAt, phase, rows: 0, deleted: 0 };
}

function templateColumn(name: string, constants: Record<string, string>): Column {
  const { source: _source, ...rest } = column(name, "text", { nullable: false, origin: "template", constants });
  return rest;
}

describe("a snapshot", () => {
  let lab: SnapshotLab;
  let number = 0;

  beforeAll(async () => {
    lab = await openSnapshotLab();
  });

  afterAll(() => lab.close());

  /** A captured source table (Id, Name, Note) with so many rows, and its sink table. */
  async function table(rows: number, more: Partial<SinkTable> = {}): Promise<TableShape> {
    const name = `T${String((number += 1))}`;
    await lab.source.run(
      `CREATE TABLE dbo.${name} (Id int NOT NULL PRIMARY KEY, Name nvarchar(50), Note nvarchar(max))`,
    );
    await lab.source.capture(name);
    if (rows > 0) await lab.source.run(insert(name, 1, rows));
    const sink = sinkTable("hub", name, { columns: COLUMNS, ...more });
    await lab.deploy(sink);
    return lab.shape(sink);
  }

  function insert(name: string, first: number, last: number): string {
    const ids = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
    return `INSERT dbo.${name} VALUES ${ids.map((id) => `(${id}, N'name ${id}', N'note ${id}')`).join(", ")}`;
  }

  async function snapshot(shape: TableShape, progress: SnapshotProgress, settings: LabSnapshot = {}): Promise<void> {
    await snapshotTable(await lab.context(shape, { chunkRows: 3, ...settings }), progress);
  }

  /** Joins the stream now and copies; answers where it joined. */
  async function snapshotNow(shape: TableShape, settings: LabSnapshot = {}): Promise<Lsn> {
    await lab.source.captured();
    const joinedAt = await lab.maxLsn();
    await snapshot(shape, from(joinedAt), settings);
    return joinedAt;
  }

  async function sinkRows(shape: TableShape, columns = '"Id", "Name", "Note"'): Promise<unknown[]> {
    const text = `SELECT ${columns} FROM hub."${shape.table}" ORDER BY 1`;
    return (await lab.sink.query(text)).rows.map((row) => Object.values<unknown>(row));
  }

  async function expectEqual(shape: TableShape): Promise<void> {
    const source = await lab.source.run(`SELECT Id, Name, Note FROM dbo.${shape.table} ORDER BY Id`);
    expect(await sinkRows(shape)).toEqual(source);
  }

  test("copies every row once, with the metadata that the merge writes", async () => {
    const shape = await table(8);
    const joinedAt = await snapshotNow(shape);
    await expectEqual(shape);
    expect(await lab.progress(shape)).toEqual({
      joinedAt,
      phase: "done",
      key: ["Id"],
      fresh: true,
      rows: 8,
      deleted: 0,
    });
    const metadata = `DISTINCT __source, __source_db, __source_table, __source_ts_ms, __cdc_operation, encode(__cdc_position, 'hex'), __cdc_column_positions, __sync_timestamp > now() - interval '1 h'`;
    const { database } = lab.source.config;
    expect(await sinkRows(shape, metadata)).toEqual([
      ["lab", database, `dbo.${shape.table}`, null, "Read", chunkPosition(joinedAt), null, true],
    ]);
  });

  test("of an empty table is done at once", async () => {
    const shape = await table(0);
    await snapshotNow(shape);
    expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 0 });
  });

  test("goes on after the last committed chunk wherever it was interrupted", async () => {
    for (const at of ["snapshotCopied", "snapshotRecorded", "snapshotCommitted", "snapshotReconciled"] as const) {
      const shape = await table(7);
      await lab.sink.query(`INSERT INTO hub."${shape.table}" ("Id") VALUES (99)`);
      await lab.source.captured();
      let progress = from(await lab.maxLsn());
      let interruptions = 0;
      let steps = 0;
      const onStep: LabSnapshot["onStep"] = (step) => {
        if (step === "snapshotCommitted") steps += 1;
        if (step !== at || interruptions === steps + 1) return;
        interruptions = steps + 1;
        throw new Error("pulled the plug");
      };
      const attempt = (): Promise<boolean> =>
        snapshot(shape, progress, { onStep }).then(
          () => true,
          () => false,
        );
      while (!(await attempt())) progress = (await lab.progress(shape)) ?? progress;
      await expectEqual(shape);
      expect(interruptions).toBeGreaterThan(0);
      expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 7, deleted: 1 });
    }
  });

  test("deletes what is no longer at the source, and remembers it", async () => {
    const shape = await table(5);
    await snapshotNow(shape);
    await lab.source.run(`DELETE dbo.${shape.table} WHERE Id IN (2, 4)`);
    const joinedAt = await snapshotNow(shape);
    await expectEqual(shape);
    expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 3, deleted: 2 });
    const { rows } = await lab.sink.query(
      `SELECT key, encode(position, 'hex') AS position FROM cdc_management.tombstones JOIN cdc_management.merge_control USING (table_id)
       WHERE table_name = $1 ORDER BY key`,
      [shape.table],
    );
    const position = readPosition(joinedAt);
    expect(rows).toEqual([
      { key: "[2]", position },
      { key: "[4]", position },
    ]);
  });

  test("marks what is no longer at the source when deletes are soft", async () => {
    const shape = await table(3, { onDelete: "soft" });
    await snapshotNow(shape);
    await lab.source.run(`DELETE dbo.${shape.table} WHERE Id = 2`);
    await snapshotNow(shape);
    expect(await sinkRows(shape, '"Id", "Name", __cdc_operation')).toEqual([
      [1, "name 1", "Read"],
      [2, "name 2", "delete"],
      [3, "name 3", "Read"],
    ]);
    await snapshotNow(shape);
    expect(await lab.progress(shape)).toMatchObject({ deleted: 0 });
  });

  test("brings nothing back that the stream has deleted meanwhile", async () => {
    const shape = await table(6);
    await lab.source.captured();
    let position = await lab.maxLsn();
    const onStep: LabSnapshot["onStep"] = async (step) => {
      if (step !== "snapshotCommitted") return;
      await lab.source.run(
        `DELETE TOP (1) dbo.${shape.table} WHERE Id > 4; UPDATE dbo.${shape.table} SET Note = N'new' WHERE Id = 4`,
      );
      await lab.source.captured();
      position = await lab.drain(shape, position);
    };
    await snapshot(shape, from(position), { onStep, chunkRows: 2 });
    await lab.drain(shape, position);
    await expectEqual(shape);
    expect(await sinkRows(shape, '"Id"')).toEqual([[1], [2], [3], [4]]);
  });

  test("goes through staging where the stream has been before, and straight into the table elsewhere", async () => {
    const shape = await table(12);
    await lab.source.captured();
    const joinedAt = await lab.maxLsn();
    await lab.source.run(`UPDATE dbo.${shape.table} SET Name = N'changed' WHERE Id = 5`);
    await lab.source.captured();
    await lab.drain(shape, joinedAt);
    await snapshot(shape, from(joinedAt));
    expect(await lab.progress(shape)).toMatchObject({ fresh: true, rows: 12 });
    await expectEqual(shape);
    const { rows } = await lab.sink.query(
      "SELECT sum(rows_staged)::int AS staged FROM cdc_management.cdc_processing_log WHERE table_name = $1",
      [shape.table],
    );
    // The update; the chunk of the changed row, and the one after it.
    expect(rows).toEqual([{ staged: 1 + 3 + 3 }]);
  });

  test("copies only rows with a value in the new columns, and deletes nothing", async () => {
    const shape = await table(4);
    await snapshotNow(shape);
    await lab.source.run(
      `UPDATE dbo.${shape.table} SET Note = NULL WHERE Id <> 3; DELETE dbo.${shape.table} WHERE Id = 1`,
    );
    await lab.source.captured();
    await snapshot(shape, { ...from(await lab.maxLsn(), "columns"), columns: ["Note"] });
    expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 1, deleted: 0 });
    expect(await sinkRows(shape, '"Id"')).toHaveLength(4);
  });

  test("buries rows that the sink cannot hold, and keeps their older versions", async () => {
    const shape = await table(5, {
      columns: [column("Id", "integer", { nullable: false }), column("Name", "varchar(8)"), column("Note", "text")],
    });
    await snapshotNow(shape);
    await lab.source.run(
      `UPDATE dbo.${shape.table} SET Name = N'far too long' WHERE Id = 2; UPDATE dbo.${shape.table} SET Note = N'a' + NCHAR(0) WHERE Id = 3; DELETE dbo.${shape.table} WHERE Id = 4`,
    );
    await snapshotNow(shape);
    expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 4, refused: 2, deleted: 1 });
    expect(await sinkRows(shape, '"Id", "Name"')).toEqual([1, 2, 3, 5].map((id) => [id, `name ${String(id)}`]));
    const letters = "SELECT operation, reason FROM cdc_management.dead_letters WHERE table_name = $1 ORDER BY reason";
    expect((await lab.sink.query(letters, [shape.table])).rows).toEqual([
      { operation: "Read", reason: "column \"Name\": 'far too long' has 12 characters, more than 8" },
      { operation: "Read", reason: expect.stringContaining("holds a NUL character") as string },
    ]);
  });

  test("in a shared table touches only the rows of its own customer", async () => {
    const customers = { north: "Clinic_north", south: "Clinic_south" };
    const shape = await table(2, {
      columns: [...COLUMNS, templateColumn("_c", { north: "n", south: "s" })],
      key: ["_c", "Id"],
      tenants: customers,
    });
    await lab.sink.query(`INSERT INTO hub."${shape.table}" ("Id", _c) VALUES (1, 's'), (7, 's'), (8, 'n')`);
    const own: TableShape = {
      ...shape,
      columns: shape.columns.map(({ constants, ...rest }) =>
        constants === undefined ? rest : { ...rest, constant: constants["north"] ?? null },
      ),
      tenant: "north",
    };
    await snapshotNow(own);
    expect(await sinkRows(shape, '_c, "Id", "Name"')).toEqual([
      ["n", 1, "name 1"],
      ["n", 2, "name 2"],
      ["s", 1, null],
      ["s", 7, null],
    ]);
  });

  test("of 39 tables at once copies them all", async () => {
    const shapes: TableShape[] = [];
    for (let index = 0; index < 39; index += 1) shapes.push(await table(index % 7));
    await lab.source.captured();
    const joinedAt = await lab.maxLsn();
    await Promise.all(shapes.map((shape) => snapshot(shape, from(joinedAt))));
    for (const shape of shapes) await expectEqual(shape);
  });

  test("waits for a server that is behind, and reads nothing from it", async () => {
    const shape = await table(1);
    const joinedAt = "f".repeat(20) as Lsn;
    const context = await lab.context(shape);
    const control = new AbortController();
    let attempts = 0;
    const write: SnapshotContext["write"] = (work) => {
      attempts += 1;
      if (attempts === 4) control.abort(new Error("enough"));
      return context.write(work);
    };
    const copy = snapshotTable({ ...context, write, signal: control.signal }, from(joinedAt));
    await expect(copy).rejects.toThrow("enough");
    expect(attempts).toBe(4);
    expect(await sinkRows(shape)).toEqual([]);
  });
});
