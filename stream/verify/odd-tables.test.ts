import { column, sinkTable } from "../../test/harness/sink-model";
import type { SinkTable } from "../../model/sink";
import type { TableShape } from "../../model/table-shape";
import { openSnapshotLab, type SnapshotLab } from "../../test/harness/snapshot-lab";
import { snapshotTable } from "../snapshot/snapshot-table";
import type { VerifiedTable } from "./differences";
import { verify } from "./verify";

describe("a comparison of odd tables", () => {
  let lab: SnapshotLab;

  beforeAll(async () => {
    lab = await openSnapshotLab();
  });

  afterAll(() => lab.close());

  async function copied(name: string, batches: readonly string[], more: Partial<SinkTable>): Promise<TableShape> {
    const [create = "", ...others] = batches;
    await lab.source.run(create);
    await lab.source.capture(name);
    for (const batch of others) await lab.source.run(batch);
    const sink = sinkTable("hub", name, more);
    await lab.deploy(sink);
    const shape = lab.shape(sink);
    await lab.source.captured();
    await snapshotTable(await lab.context(shape), { joinedAt: await lab.maxLsn(), phase: "rows", rows: 0, deleted: 0 });
    return shape;
  }

  async function compare(shape: TableShape): Promise<VerifiedTable> {
    const { schema, table, database = "" } = shape.source;
    const tables = [{ schema, table, snapshot: "initial" as const, ownInstances: [] }];
    const result = await verify({
      pipeline: "lab",
      topology: { sources: [{ connection: "source:dev:test", database, tenants: ["north"], tables }] },
      sourceConfig: () => lab.source.config,
      serverName: () => "test",
      sink: lab.sink.config,
      graceMs: 20,
      settleMs: 300,
      wanted: (one) => one.table === shape.table,
    });
    return result.tables[0] as VerifiedTable;
  }

  test("takes columns that are named like its own words", async () => {
    const names = ["s", "t", "w", "d", "k", "k0", "kind", "columns", "seen", "missing", "order", "q\"u'o]te"];
    const columns = names.map((name) => `[${name.replaceAll("]", "]]")}] nvarchar(9)`).join(", ");
    const shape = await copied(
      "Named",
      [
        `CREATE TABLE dbo.Named (position int NOT NULL PRIMARY KEY, ${columns})`,
        "INSERT dbo.Named (position, t) VALUES (1, N'x')",
      ],
      {
        columns: [
          column("position", "integer", { nullable: false }),
          ...names.map((name) => column(name, "varchar(9)")),
        ],
        key: ["position"],
      },
    );
    expect(await compare(shape)).toMatchObject({ rows: 1, equal: true });
    await lab.sink.query(`UPDATE hub."Named" SET s = 'y', "kind" = 'z'`);
    expect((await compare(shape)).differences).toEqual([
      { kind: "different", key: { position: "1" }, columns: ["kind", "s"] },
    ]);
  });

  test("tells what differs of a thousand columns", async () => {
    const names = Array.from({ length: 999 }, (_, index) => `c${String(index)}`);
    const shape = await copied(
      "Wide",
      [
        `CREATE TABLE dbo.Wide (Id int NOT NULL PRIMARY KEY, ${names.join(" int, ")} int)`,
        "INSERT dbo.Wide (Id, c7) VALUES (1, 1), (2, 2)",
      ],
      {
        columns: [column("Id", "integer", { nullable: false }), ...names.map((name) => column(name, "integer"))],
        key: ["Id"],
      },
    );
    await lab.sink.query(`UPDATE hub."Wide" SET c998 = 5 WHERE "Id" = 1; DELETE FROM hub."Wide" WHERE "Id" = 2`);
    const { differences } = await compare(shape);
    expect(differences).toHaveLength(2);
    expect(differences).toEqual(
      expect.arrayContaining([
        { kind: "different", key: { Id: "1" }, columns: ["c998"] },
        { kind: "missing", key: { Id: "2" } },
      ]),
    );
  });

  test("ends when the sink's key keeps less than the source's, so that two rows are one", async () => {
    const shape = await copied(
      "Rounded",
      [
        "CREATE TABLE dbo.Rounded (At datetime2(7) NOT NULL PRIMARY KEY, V int)",
        "INSERT dbo.Rounded VALUES ('2026-01-01 00:00:00.1234567', 1), ('2026-01-01 00:00:00.1234568', 2)",
      ],
      { columns: [column("At", "timestamp(6)", { nullable: false }), column("V", "integer")], key: ["At"] },
    );
    expect((await compare(shape)).counts).toMatchObject({ different: 1, missing: 0 });
    await lab.sink.query(`DELETE FROM hub."Rounded"`);
    expect(await compare(shape)).toMatchObject({ equal: false, counts: { missing: 1 }, unsettled: 0 });
  });
});
