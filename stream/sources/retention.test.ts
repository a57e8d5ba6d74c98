import { setTimeout as sleep } from "node:timers/promises";
import { NO_LSN, previousLsn, type Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { sourceShape } from "../../test/harness/source-shape";
import type { CaptureInstance } from "./capture-instance";
import { CaptureReader, type Poll } from "./capture-reader";
import { gapOf } from "./gap";
import { instanceFor } from "./instance-for";
import { readChangeEnvelopes } from "./read-change-envelopes";

let lab: CaptureLab;
let reader: CaptureReader;
beforeEach(async () => {
  lab = await openCaptureLab();
  reader = new CaptureReader(lab.config, lab);
});
afterEach(() => lab.close());

async function table(name: string): Promise<TableShape> {
  await lab.run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(20))`);
  await lab.capture(name);
  return sourceShape(name, { id: "integer", name: "text" });
}

/** Inserts rows, each in a transaction and at a time of its own, and has them captured. */
async function insert(name: string, ...ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await sleep(10);
    await lab.run(`INSERT dbo.${name} (id) VALUES (${String(id)})`);
  }
  await lab.captured();
}

/** The end of the log, with what is known there. */
async function end(): Promise<Poll & { readonly position: Lsn }> {
  const poll = await reader.poll(undefined, undefined, 1);
  return { ...poll, position: poll.maxLsn ?? NO_LSN };
}

function chosen(shape: TableShape, { instances }: Poll, position: Lsn): string {
  const found = instanceFor(shape, instances, position, { instance: `dbo_${shape.table}` });
  return "use" in found ? found.use.name : found.code;
}

async function idsOf(shape: TableShape, instance: CaptureInstance, after: Lsn, upTo: Lsn): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const batch of readChangeEnvelopes(lab.config, { shape, instance, after, upTo }))
    ids.push(...batch.map(({ envelope }) => envelope.data["id"]));
  return ids;
}

test("cleanup that has passed the position is found before a row is read, table by table", async () => {
  const { standIn } = lab.server;
  if (standIn === undefined) return;
  const [read, late] = [await table("read"), await table("late")];
  await insert("late", 1);
  const { position } = await end();
  await insert("late", 2, 3);
  await insert("read", 1);
  const current = await end();
  standIn.control.cleanUp(lab.database, 0);
  const poll = await end();
  expect(chosen(late, poll, position)).toBe("CDC_SOURCE_GAP");
  expect(chosen(read, poll, current.position)).toBe("dbo_read");
  expect(chosen(late, poll, current.position)).toBe("dbo_late");
});

test("cleanup of one instance alone is a gap of that one alone", async () => {
  const [kept, cleaned] = [await table("kept"), await table("cleaned")];
  await insert("kept", 1);
  const { position } = await end();
  await insert("cleaned", 2, 3);
  const { position: low } = await end();
  await lab.run(`EXEC sys.sp_cdc_cleanup_change_table N'dbo_cleaned', 0x${low}`);
  const poll = await end();
  expect([chosen(kept, poll, position), chosen(cleaned, poll, position)]).toEqual(["dbo_kept", "CDC_SOURCE_GAP"]);
});

test("an idle table has no gap, however often the log moves and cleanup runs", async () => {
  const { standIn } = lab.server;
  if (standIn === undefined) return;
  const idle = await table("idle");
  await insert("idle", 1);
  let { position } = await end();
  for (let day = 0; day < 10; day += 1) {
    await sleep(10);
    standIn.control.writeDummyLsn(lab.database);
    const { windowEnd, windowTransactions } = await reader.poll(position, undefined, 100);
    expect(windowTransactions).toBe(0);
    position = windowEnd ?? position;
    standIn.control.cleanUp(lab.database, 0);
    expect(chosen(idle, await end(), position)).toBe("dbo_idle");
  }
});

test("cleanup that passes while rows are read is found right after, by the lowest LSN", async () => {
  const { standIn } = lab.server;
  if (standIn === undefined) return;
  const shape = await table("passed");
  await insert("passed", 1, 2, 3, 4);
  const { instances, position: upTo } = await end();
  const [instance] = instances;
  if (instance === undefined) throw new Error("not captured");
  const after = previousLsn(instance.startLsn);
  expect(gapOf(instance, after)).toBeUndefined();
  standIn.control.cleanUpDuring({ match: /dbo_passed_CT/, afterRows: 1, database: lab.database });
  await idsOf(shape, instance, after, upTo);
  const startLsn = (await reader.startLsns([instance.name])).get(instance.name) ?? NO_LSN;
  expect(gapOf({ ...instance, startLsn }, after)).toMatchObject({ code: "CDC_SOURCE_GAP" });
});

test("capture that was turned off and on again is a gap, under the same name and another", async () => {
  const shape = await table("again");
  await insert("again", 1);
  const { position } = await end();
  await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N'again', N'dbo_again'");
  await lab.run("INSERT dbo.again (id) VALUES (2)");
  expect(chosen(shape, await end(), position)).toBe("CDC_SOURCE_NO_INSTANCE");
  await lab.capture("again");
  await insert("again", 3);
  expect(chosen(shape, await end(), position)).toBe("CDC_SOURCE_GAP");
  await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N'again', N'dbo_again'");
  await lab.capture("again", "another");
  await insert("again", 4);
  expect(chosen(shape, await end(), position)).toBe("CDC_SOURCE_GAP");
});

test("capture of the whole database that was turned off and on again: the source is behind or rewritten", async () => {
  const shape = await table("reset");
  await insert("reset", 1);
  const { windowEnd = NO_LSN, windowEndTime } = await reader.poll(NO_LSN, undefined, 100);
  await lab.run("EXEC sys.sp_cdc_disable_db");
  await lab.run("EXEC sys.sp_cdc_enable_db");
  await lab.capture("reset");
  const poll = await reader.poll(windowEnd, windowEndTime, 100);
  expect(poll.behind || poll.rewritten).toBe(true);
  await insert("reset", 2);
  expect(chosen(shape, await end(), windowEnd)).toBe("CDC_SOURCE_GAP");
});

test("a second instance takes over where it begins: nothing is lost, nothing comes twice", async () => {
  const before = await table("grows");
  await insert("grows", 1);
  const { position } = await end();
  await insert("grows", 2, 3);
  await lab.run("ALTER TABLE dbo.grows ADD extra int");
  await lab.run("INSERT dbo.grows (id, extra) VALUES (4, 40)");
  await lab.capture("grows", "grows_2");
  await lab.run("INSERT dbo.grows (id, extra) VALUES (5, 50)");
  await insert("grows", 6);
  const shape = {
    ...before,
    columns: [...before.columns, { name: "extra", type: "integer", nullable: true, source: "extra" }],
  };
  const { instances, position: upTo } = await end();
  const first = instanceFor(shape, instances, position, { instance: "dbo_grows" });
  if (!("use" in first) || first.next === undefined) throw new Error("no second instance");
  expect([first.use.name, first.next.name]).toEqual(["dbo_grows", "grows_2"]);
  const moved = previousLsn(first.next.startLsn);
  expect(await idsOf(shape, first.use, position, moved)).toEqual(["2", "3", "4"]);
  const second = instanceFor(shape, instances, moved, { instance: "dbo_grows" });
  if (!("use" in second)) throw new Error(second.message);
  expect([second.use.name, second.next]).toEqual(["grows_2", undefined]);
  expect(await idsOf(shape, second.use, moved, upTo)).toEqual(["5", "6"]);
  // The place between two transactions is known by the one before it.
  const { endTime } = (await reader.windowBelow(position, first.next.startLsn)) ?? {};
  expect(await reader.poll(moved, endTime, 100)).toMatchObject({
    rewritten: false,
    behind: false,
    windowTransactions: 2,
  });
});
