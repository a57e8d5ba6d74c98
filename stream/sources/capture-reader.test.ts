import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { NO_LSN } from "../../model/lsn";
import { CaptureReader } from "./capture-reader";

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

test("before the first scan of the log there is no highest LSN, and no place to start from", async () => {
  await table("early");
  expect(await reader.poll(undefined, undefined, 10)).toMatchObject({
    maxLsn: undefined,
    windowEnd: undefined,
    windowTransactions: 0,
    rewritten: false,
    behind: false,
    instances: [{ name: "dbo_early", schema: "dbo", table: "early" }],
  });
});

test("a window ends with a whole transaction, and spans as many as it may", async () => {
  await table("t");
  for (const id of [1, 2, 3]) await lab.run(`INSERT dbo.t (id) VALUES (${String(id)})`);
  await lab.captured();
  const first = await reader.poll(NO_LSN, undefined, 2);
  expect(first).toMatchObject({ windowTransactions: 2, behind: false });
  const next = await reader.poll(first.windowEnd, first.windowEndTime, 2);
  expect(next).toMatchObject({ windowTransactions: 1, rewritten: false, behind: false, windowEnd: next.maxLsn });
  const last = await reader.poll(next.windowEnd, next.windowEndTime, 2);
  expect(last).toMatchObject({ windowEnd: undefined, oldestPendingTime: undefined, maxLsn: next.maxLsn });
});
