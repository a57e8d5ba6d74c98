import type { SnapshotProgress } from "../run/snapshot-context";
import { sinkTable } from "../../test/harness/sink-model";
import { openSnapshotLab, type SnapshotLab } from "../../test/harness/snapshot-lab";
import { verify } from "../verify/verify";
import { snapshotTable } from "./snapshot-table";

let lab: SnapshotLab;

beforeAll(async () => {
  lab = await openSnapshotLab({ applicationRole: true });
});

afterAll(() => lab.close());

test("an application role made by the grants copies, deletes what vanished, and compares", async () => {
  await lab.source.run("CREATE TABLE dbo.T (Id bigint NOT NULL PRIMARY KEY, Name nvarchar(50), Amount decimal(8,2))");
  await lab.source.capture("T");
  await lab.source.run("INSERT dbo.T VALUES (1, N'one', 1), (2, N'two', 2), (3, NULL, NULL)");
  const table = sinkTable("hub", "T");
  await lab.deploy(table);
  const shape = lab.shape(table);
  const now = async (): Promise<SnapshotProgress> => {
    await lab.source.captured();
    return { joinedAt: await lab.maxLsn(), phase: "rows", rows: 0, deleted: 0 };
  };
  await snapshotTable(await lab.context(shape, { chunkRows: 2 }), await now());
  expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 3, fresh: true });
  await lab.source.run("DELETE dbo.T WHERE Id = 2");
  await snapshotTable(await lab.context(shape, { chunkRows: 2 }), await now());
  expect(await lab.progress(shape)).toMatchObject({ phase: "done", rows: 2, deleted: 1 });

  const tables = [{ schema: "dbo", table: "T", snapshot: "initial", ownInstances: [] }] as const;
  const result = await verify({
    pipeline: "lab",
    topology: { sources: [{ connection: "c", database: lab.source.config.database, tenants: [], tables }] },
    sourceConfig: () => lab.source.config,
    serverName: () => "test",
    sink: lab.sinkConfig,
    graceMs: 0,
    settleMs: 0,
  });
  expect(result.tables[0]?.problem).toBeUndefined();
  expect(result).toMatchObject({ equal: true, tables: [{ rows: 2 }] });
});
