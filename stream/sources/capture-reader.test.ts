import { setTimeout as sleep } from "node:timers/promises";
import { NO_LSN, type Lsn } from "../../model/lsn";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { CaptureReader, type Poll } from "./capture-reader";

let lab: CaptureLab;
let reader: CaptureReader;
beforeEach(async () => {
  lab = await openCaptureLab();
  reader = new CaptureReader(lab.config, lab);
});
afterEach(() => lab.close());

/** A captured table with a key, a name and a note. */
async function table(name: string): Promise<void> {
  await lab.run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(20), note nvarchar(max))`);
  await lab.capture(name);
}

async function insert(name: string, ...ids: readonly number[]): Promise<void> {
  for (const id of ids) await lab.run(`INSERT dbo.${name} (id) VALUES (${String(id)})`);
  await lab.captured();
}

/** A poll at the end of the log. */
async function pollAtEnd(): Promise<Poll & { readonly maxLsn: Lsn }> {
  const { maxLsn = NO_LSN, windowEndTime } = await reader.poll(NO_LSN, undefined, 1_000_000);
  return { ...(await reader.poll(maxLsn, windowEndTime, 10)), maxLsn };
}

describe("windows", () => {
  test("before the first scan of the log there is no highest LSN, and no place to start from", async () => {
    await table("early");
    const instances = [{ name: "dbo_early", schema: "dbo", table: "early" }];
    const nothing = { maxLsn: undefined, windowEnd: undefined, windowTransactions: 0, rewritten: false, behind: false };
    expect(await reader.poll(undefined, undefined, 10)).toMatchObject({ ...nothing, instances });
  });

  test("a window ends with a whole transaction, and spans as many as it may", async () => {
    await table("t");
    await insert("t", 1, 2, 3);
    const first = await reader.poll(NO_LSN, undefined, 2);
    expect(first).toMatchObject({ windowTransactions: 2, behind: false });
    const next = await reader.poll(first.windowEnd, first.windowEndTime, 2);
    expect(next).toMatchObject({ windowTransactions: 1, rewritten: false, behind: false, windowEnd: next.maxLsn });
    const last = await reader.poll(next.windowEnd, next.windowEndTime, 2);
    expect(last).toMatchObject({ windowEnd: undefined, oldestPendingTime: undefined, maxLsn: next.maxLsn });
  });

  test("a window can be told to end before an LSN", async () => {
    await table("t");
    await insert("t", 1, 2, 3);
    const two = await reader.poll(NO_LSN, undefined, 2);
    const { maxLsn = NO_LSN } = two;
    const { windowEnd: end, windowEndTime: endTime } = two;
    expect(await reader.windowBelow(NO_LSN, maxLsn)).toEqual({ end, endTime, transactions: 2 });
    expect(await reader.windowBelow(end ?? NO_LSN, maxLsn)).toBeUndefined();
  });

  test("commit times are in UTC, and the oldest pending one is that of a transaction with changes", async () => {
    await table("t");
    const from = Date.now();
    await insert("t", 1, 2);
    const { oldestPendingTime, windowEndTime } = await reader.poll(NO_LSN, undefined, 10);
    const [oldest = 0, newest = 0] = [oldestPendingTime?.getTime(), windowEndTime?.getTime()];
    expect(oldest).toBeGreaterThanOrEqual(from - 2_000);
    expect(newest).toBeGreaterThanOrEqual(oldest);
    expect(newest).toBeLessThanOrEqual(Date.now() + 2_000);
  });

  test("only the instances with changes in the range are told", async () => {
    for (const name of ["a", "b", "c"]) await table(name);
    await insert("b", 1);
    const { instances, maxLsn = NO_LSN } = await reader.poll(NO_LSN, undefined, 10);
    expect([...(await reader.changedInstances(instances, NO_LSN, maxLsn))]).toEqual(["dbo_b"]);
    expect([...(await reader.changedInstances(instances, maxLsn, maxLsn))]).toEqual([]);
    expect([...(await reader.changedInstances([], NO_LSN, maxLsn))]).toEqual([]);
  });
});

describe("instances", () => {
  test("columns come with their names, types and places in the mask; computed ones don't come", async () => {
    await lab.run(
      "CREATE TABLE dbo.kinds (id int PRIMARY KEY, n nvarchar(20), d decimal(9,2), m varchar(max), twice AS id * 2, t datetime2(3), v rowversion, b varbinary(16), x xml, o float)",
    );
    await lab.capture("kinds", "kinds_1", "id, n, d, m, twice, t, v, b, x");
    const { instances } = await reader.poll(undefined, undefined, 10);
    const columns = instances[0]?.columns.map(({ ordinal, name, type }) => `${String(ordinal)} ${name} ${type}`);
    expect(columns).toEqual([
      "1 id int",
      "2 n nvarchar(20)",
      "3 d decimal(9,2)",
      "4 m varchar(max)",
      "6 t datetime2(3)",
      "7 v timestamp",
      "8 b varbinary(16)",
      "9 x xml",
    ]);
    expect(instances[0]?.uncaptured).toEqual([
      { name: "twice", isComputed: true },
      { name: "o", isComputed: false },
    ]);
  });

  test("an added, altered, renamed or dropped column is seen at the next poll", async () => {
    await table("t");
    await reader.poll(undefined, undefined, 10);
    await lab.run("ALTER TABLE dbo.t ADD extra int");
    await lab.run("ALTER TABLE dbo.t ALTER COLUMN note nvarchar(50)");
    await lab.captured();
    const { instances, ddl } = await reader.poll(undefined, undefined, 10);
    expect(instances[0]?.uncaptured).toEqual([{ name: "extra", isComputed: false }]);
    expect(instances[0]?.columns[2]).toMatchObject({ name: "note", type: "nvarchar(50)", wasLarge: true });
    expect(ddl.map(({ command }) => command)).toEqual([
      "ALTER TABLE dbo.t ADD extra int",
      "ALTER TABLE dbo.t ALTER COLUMN note nvarchar(50)",
    ]);
    await lab.run("EXEC sp_rename 'dbo.t.name', 'title', 'COLUMN'");
    await lab.run("ALTER TABLE dbo.t DROP COLUMN note");
    await lab.captured();
    const after = await reader.poll(undefined, undefined, 10);
    const names = after.instances[0]?.columns.map(({ name, sourceName }) => [name, sourceName]);
    expect(names).toEqual([
      ["id", "id"],
      ["name", "title"],
      ["note", undefined],
    ]);
  });

  test("a rename alone is seen as soon as names are looked at again", async () => {
    await table("t");
    const [eager, lazy] = [new CaptureReader(lab.config, lab, { namesMs: 0 }), new CaptureReader(lab.config, lab)];
    for (const one of [eager, lazy]) await one.poll(undefined, undefined, 10);
    await lab.run("EXEC sp_rename 'dbo.t', 'u'");
    await lab.run("EXEC sp_rename 'dbo.u.name', 'title', 'COLUMN'");
    const { instances } = await eager.poll(undefined, undefined, 10);
    expect(instances[0]).toMatchObject({ table: "u" });
    expect(instances[0]?.columns[1]).toMatchObject({ name: "name", sourceName: "title" });
    expect((await lazy.poll(undefined, undefined, 10)).instances[0]?.name).toBe("dbo_t");
  });

  test("of two instances of a table the older one comes first; lowest LSNs are told by name", async () => {
    await table("t");
    await lab.capture("t", "a_second");
    const { instances } = await reader.poll(undefined, undefined, 10);
    expect(instances.map(({ name }) => name)).toEqual(["dbo_t", "a_second"]);
    const lowest = await reader.startLsns(["dbo_t", "gone"]);
    expect([...lowest]).toEqual([["dbo_t", instances[0]?.startLsn]]);
  });

  test("an instance that is dropped is gone at the next poll", async () => {
    await table("t");
    await reader.poll(undefined, undefined, 10);
    await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N't', N'dbo_t'");
    expect((await reader.poll(undefined, undefined, 10)).instances).toEqual([]);
  });
});

describe("the position", () => {
  test("one that the source has not got to is behind us, not rewritten", async () => {
    await table("t");
    await insert("t", 1);
    const ahead = "ff".repeat(10) as Lsn;
    expect(await reader.poll(ahead, new Date(), 10)).toMatchObject({ behind: true, rewritten: false });
  });

  test("one whose transaction was committed at another time is of another history", async () => {
    await table("t");
    await insert("t", 1, 2);
    const { windowEnd, windowEndTime } = await reader.poll(NO_LSN, undefined, 1);
    const shifted = (ms: number): Date => new Date((windowEndTime?.getTime() ?? 0) + ms);
    const rewritten = async (time: Date | undefined): Promise<boolean> =>
      (await reader.poll(windowEnd, time, 10)).rewritten;
    expect(await rewritten(shifted(0))).toBe(false);
    expect(await rewritten(undefined)).toBe(false);
    expect(await rewritten(shifted(70_000))).toBe(true);
    // Daylight saving at the server: its wall clock is told with another offset.
    expect(await rewritten(shifted(-3_600_000))).toBe(false);
    expect(await rewritten(shifted(3 * 86_400_000))).toBe(true);
  });

  test("one between two transactions is known by the one before it", async () => {
    await table("t");
    await insert("t", 1);
    const { maxLsn, windowEndTime } = await reader.poll(NO_LSN, undefined, 10);
    const between = `${String(maxLsn).slice(0, 16)}ffff` as Lsn;
    await lab.run("INSERT dbo.t (id) VALUES (9)");
    await lab.captured();
    expect(await reader.poll(between, windowEndTime, 10)).toMatchObject({ rewritten: false, windowTransactions: 1 });
    const other = new Date((windowEndTime?.getTime() ?? 0) + 70_000);
    expect((await reader.poll(between, other, 10)).rewritten).toBe(true);
  });
});

describe("errors", () => {
  test("capture that is off is told with its database and the command that turns it on", async () => {
    await lab.run("EXEC sys.sp_cdc_disable_db");
    await expect(reader.poll(undefined, undefined, 10)).rejects.toMatchObject({
      code: "CDC_MSSQL_NOT_ENABLED",
      message: `change data capture is off in database ${lab.database}`,
      hint: expect.stringContaining("cdc manage-migrations enable-cdc") as string,
    });
    await lab.run("EXEC sys.sp_cdc_enable_db");
    expect((await reader.poll(undefined, undefined, 10)).instances).toEqual([]);
  });

  test("an instance that goes between the poll and the probe is named", async () => {
    await table("t");
    const { instances } = await reader.poll(undefined, undefined, 10);
    await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N't', N'dbo_t'");
    const [max, none] = ["ff".repeat(10) as Lsn, NO_LSN];
    await expect(reader.changedInstances(instances, none, max)).rejects.toMatchObject({
      code: "CDC_SOURCE_NO_INSTANCE",
      message: expect.stringContaining("dbo_t") as string,
    });
  });
});

describe("what an idle source costs", () => {
  test("one request per poll, also when the highest LSN moves without changes", async () => {
    const { standIn } = lab.server;
    if (standIn === undefined) return;
    await table("t");
    await insert("t", 1);
    const { maxLsn } = await pollAtEnd();
    const asked = jest.spyOn(standIn.control, "hookFor");
    for (let poll = 0; poll < 5; poll += 1) {
      standIn.control.writeDummyLsn(lab.database);
      const { windowTransactions, windowEnd } = await reader.poll(maxLsn, undefined, 10);
      expect({ windowTransactions, moved: windowEnd !== undefined && windowEnd > maxLsn }).toEqual({
        windowTransactions: 0,
        moved: true,
      });
    }
    expect(asked).toHaveBeenCalledTimes(5);
    expect(new Set(asked.mock.calls.map(([text]) => text)).size).toBe(1);
    asked.mockRestore();
  });

  test("cleanup that raises lowest LSNs doesn't make the columns be read again", async () => {
    const { standIn } = lab.server;
    if (standIn === undefined) return;
    await table("t");
    await insert("t", 1, 2);
    await sleep(10);
    await insert("t", 3);
    const { maxLsn } = await pollAtEnd();
    standIn.control.cleanUp(lab.database, 0);
    const asked = jest.spyOn(standIn.control, "hookFor");
    const { instances } = await reader.poll(maxLsn, undefined, 10);
    expect(instances[0]?.startLsn).toBe(maxLsn);
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });
});

describe("faults of the source", () => {
  test("a right that was taken is told with what to grant", async () => {
    const { standIn } = lab.server;
    if (standIn === undefined) return;
    await table("t");
    const { instances } = await reader.poll(undefined, undefined, 10);
    standIn.control.denySelect(lab.database, "cdc", "lsn_time_mapping");
    await expect(reader.poll(undefined, undefined, 10)).rejects.toMatchObject({
      code: "CDC_MSSQL_PERMISSION",
      hint: expect.stringContaining(`GRANT SELECT ON SCHEMA::cdc TO [${lab.config.user}]`) as string,
    });
    standIn.control.denySelect(lab.database, "cdc", "lsn_time_mapping", false);
    standIn.control.denySelect(lab.database, "cdc", "dbo_t_CT");
    await expect(reader.changedInstances(instances, NO_LSN, "ff".repeat(10) as Lsn)).rejects.toMatchObject({
      code: "CDC_MSSQL_PERMISSION",
      message: expect.stringContaining("dbo_t_CT") as string,
    });
  });

  test("a log that went back is behind us, and rewritten once it has passed us", async () => {
    const { standIn } = lab.server;
    if (standIn === undefined) return;
    await table("t");
    await insert("t", 1);
    const first = await reader.poll(NO_LSN, undefined, 10);
    await insert("t", 2, 3);
    const { windowEnd, windowEndTime } = await reader.poll(first.maxLsn, undefined, 10);
    standIn.control.rewindLog(lab.database, Buffer.from(first.maxLsn ?? "", "hex"));
    expect(await reader.poll(windowEnd, windowEndTime, 10)).toMatchObject({ behind: true });
    await sleep(10);
    await insert("t", 4, 5, 6, 7);
    expect(await reader.poll(windowEnd, windowEndTime, 10)).toMatchObject({ behind: false, rewritten: true });
  });
});
