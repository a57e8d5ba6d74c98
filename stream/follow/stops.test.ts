import { openFollowLab, type FollowedUp, type FollowLab } from "../../test/harness/follow-lab";
import type { Envelope } from "../../model/envelope";
import type { SqlServerControl } from "../../sandbox/sqlserver/control";

let lab: FollowLab;
beforeEach(async () => {
  lab = await openFollowLab();
  for (const name of ["a", "b"]) {
    await lab.run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, n int NULL, name nvarchar(40) NULL)`);
    await lab.capture(name);
  }
});
afterEach(() => lab.close());

const TABLES = ["a", "b"];

/** What makes the server fail; a real one takes no faults. */
function control(): SqlServerControl | undefined {
  return lab.server.standIn?.control;
}

/** `a1 b1`: the changes in short. */
function told({ envelopes }: Pick<FollowedUp, "envelopes">): string {
  return envelopes.map(({ data, metadata }) => `${metadata.TableName}${String(data["id"])}`).join(" ");
}

async function insert(...ids: readonly number[]): Promise<void> {
  for (const id of ids)
    for (const table of TABLES) await lab.run(`INSERT dbo.${table} VALUES (${String(id)}, 0, N'x')`);
}

/** Rows of a table as a consumer has them that keeps the event with the highest position of each key. */
function rowsOf(table: string, ...runs: readonly (readonly Envelope[])[]): string[] {
  const rows = new Map<string, Envelope>();
  for (const one of runs.flat().filter(({ metadata }) => metadata.TableName === table)) {
    const id = String(one.data["id"]);
    if ((rows.get(id)?.metadata.Position ?? "") < (one.metadata.Position ?? "")) rows.set(id, one);
  }
  const there = [...rows.values()].filter(({ metadata }) => metadata.OperationType !== "Delete");
  return there.map(({ data }) => `${String(data["id"])}:${String(data["name"])}`).sort();
}

describe("changes that were cleaned up before they were read", () => {
  let before: FollowedUp;
  beforeEach(async () => {
    await insert(1, 2);
    before = await lab.follow({ tables: TABLES });
    await insert(3, 4);
    await lab.run("DELETE dbo.a WHERE id = 2; UPDATE dbo.a SET name = N'lost' WHERE id = 1");
    await insert(5);
    await lab.captured();
    for (const table of TABLES)
      await lab.run(`EXEC sys.sp_cdc_cleanup_change_table N'dbo_${table}', 0x${await lab.maxLsn()}`);
  });

  test("stop it with what to do, any number of times, and nothing is given out", async () => {
    for (let start = 0; start < 2; start += 1) {
      const { problem, text } = await lab.tryFollow({ tables: TABLES, state: before.state });
      expect(problem).toMatchObject({
        code: "CDC_SOURCE_GAP",
        message: expect.stringMatching(/dbo\.a.*dbo\.b/s),
        hint: expect.any(String),
      });
      expect(text).toBe("");
    }
  });

  test("are healed by a copy of the rows where that is wished, and what comes after flows", async () => {
    const healed = await lab.follow({ tables: TABLES, state: before.state, snapshot: "when_needed" });
    expect(healed.told.filter((text) => text.includes("copied anew"))).toHaveLength(2);
    await lab.run("UPDATE dbo.a SET name = N'new' WHERE id = 3");
    const later = await lab.follow({ tables: TABLES, state: healed.state, snapshot: "when_needed" });
    expect(told(later)).toBe("a3");
    // A copy doesn't tell what has vanished: 2 is left over.
    const rows = rowsOf("a", before.envelopes, healed.envelopes, later.envelopes);
    expect(rows).toEqual(["1:lost", "2:x", "3:new", "4:x", "5:x"]);
    expect(rowsOf("b", before.envelopes, healed.envelopes)).toEqual(["1:x", "2:x", "3:x", "4:x", "5:x"]);
  });

  test("of one table are healed for it alone: the other one goes on where it was", async () => {
    const healed = await lab.tryFollow({
      tables: [{ table: "a", snapshot: "when_needed" }, "b"],
      state: before.state,
    });
    expect(healed.problem).toMatchObject({ code: "CDC_SOURCE_GAP", message: expect.stringContaining("dbo.b") });
    expect(healed.problem).not.toMatchObject({ message: expect.stringContaining("dbo.a") });
  });
});

describe("a change of the definition that loses values", () => {
  test("stops in front of it with a plan, after everything before, and nothing is passed over", async () => {
    await insert(1);
    const before = await lab.follow({ tables: TABLES });
    await insert(2);
    await lab.run("ALTER TABLE dbo.a DROP COLUMN n");
    await lab.run("INSERT dbo.a VALUES (3, N'y'); INSERT dbo.b VALUES (3, 0, N'y')");
    const stopped = await lab.tryFollow({ tables: TABLES, state: before.state });
    expect(stopped.problem).toMatchObject({
      code: "CDC_SOURCE_DRIFT",
      message: expect.stringContaining("dbo.a"),
      hint: expect.any(String),
    });
    expect(told(stopped)).toBe("a2 b2");
    const again = await lab.tryFollow({ tables: TABLES, state: stopped.state });
    expect([again.text, (again.problem as { code?: string }).code]).toEqual(["", "CDC_SOURCE_DRIFT"]);
    // As the plan says: the columns that are left are named.
    const chosen = { table: "a", columns: ["id", "name"] };
    const rest = await lab.follow({ tables: [chosen, "b"], state: stopped.state });
    expect(told(rest)).toBe("a3 b3");
    expect(rest.envelopes[0]?.data).toEqual({ id: "3", name: "y" });
  });
});

describe("a column that was added", () => {
  test("comes with the newer capture instance, once everything before was read through the older one", async () => {
    await insert(1);
    const before = await lab.follow({ tables: TABLES });
    await lab.run("ALTER TABLE dbo.a ADD more int NULL");
    await lab.run("INSERT dbo.a VALUES (2, 0, N'x', 20)");
    const older = await lab.follow({ tables: TABLES, state: before.state });
    expect(older.envelopes.map(({ data }) => data)).toEqual([{ id: "2", n: "0", name: "x" }]);
    await lab.run("INSERT dbo.a VALUES (3, 0, N'x', 30)");
    await lab.captured();
    await lab.capture("a", "dbo_a_2");
    await lab.run("INSERT dbo.a VALUES (4, 0, N'x', 40)");
    await lab.run("INSERT dbo.b VALUES (4, 0, N'x')");
    const newer = await lab.follow({ tables: TABLES, state: older.state });
    expect(newer.envelopes.map(({ data, metadata }) => [metadata.TableName, data["id"], data["more"]])).toEqual([
      ["a", "3", undefined],
      ["a", "4", "40"],
      ["b", "4", undefined],
    ]);
    // The older one isn't needed any more.
    await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N'a', N'dbo_a'");
    await lab.run("UPDATE dbo.a SET more = 41 WHERE id = 4");
    const last = await lab.follow({ tables: TABLES, state: newer.state });
    expect(last.envelopes.map(({ data }) => data["more"])).toEqual(["41"]);
  });

  test("is given out once and in order when it is stopped after any piece around the switch", async () => {
    await insert(1);
    await lab.run("ALTER TABLE dbo.a ADD more int NULL");
    await lab.run("INSERT dbo.a VALUES (2, 0, N'x', 20)");
    await lab.captured();
    await lab.capture("a", "dbo_a_2");
    await lab.run("INSERT dbo.a VALUES (3, 0, N'x', 30); INSERT dbo.b VALUES (3, 0, N'x')");
    const whole = await lab.follow({ tables: TABLES });
    expect(told(whole)).toBe("a1 b1 a2 a3 b3");
    for (const { count, state } of whole.states) {
      const rest = await lab.follow({ tables: TABLES, state: JSON.parse(JSON.stringify(state)) as typeof state });
      expect(rest.text).toBe(linesAfter(whole.text, count));
    }
  });
});

function linesAfter(text: string, count: number): string {
  return text.split("\n").slice(count).join("\n");
}

describe("a source whose log went back", () => {
  test.each([
    ["and hasn't come as far again", []],
    ["and has come further", [21, 22, 23, 24, 25, 26]],
  ])("%s stops it, and its positions aren't mixed with the new ones", async (_title, ids) => {
    const faults = control();
    if (faults === undefined) return;
    await insert(1);
    await lab.captured();
    const to = Buffer.from(await lab.maxLsn(), "hex");
    await insert(2, 3);
    const before = await lab.follow({ tables: TABLES });
    faults.rewindLog(lab.database, to);
    await insert(...ids);
    const { problem, text } = await lab.tryFollow({ tables: TABLES, state: before.state, behindMs: 0 });
    expect(problem).toMatchObject({
      code: "CDC_SOURCE_REWOUND",
      hint: expect.stringContaining("remove the stored state"),
    });
    expect(text).toBe("");
  });

  test("a server that takes over and catches up isn't taken for one", async () => {
    const faults = control();
    if (faults === undefined) return;
    await insert(1);
    await lab.captured();
    const to = Buffer.from(await lab.maxLsn(), "hex");
    await insert(2);
    const before = await lab.follow({ tables: TABLES });
    const lag = faults.failOver(lab.database, to);
    await lab.reconnect();
    const stop = new AbortController();
    const said: string[] = [];
    const lines: string[] = [];
    const following = (async () => {
      for await (const { lines: piece, count } of lab
        .open({ tables: TABLES, state: before.state }, stop.signal, said)
        .follow()) {
        lines.push(piece.toString());
        if (count > 0) stop.abort();
      }
    })();
    await settled(() => faults.requests);
    lag.release();
    await lab.run("INSERT dbo.a VALUES (3, 0, N'x')");
    await lab.captured();
    await following;
    expect(lines.join("").split("\n").filter(Boolean)).toHaveLength(1);
    expect(lines.join("")).toContain('"id":"3"');
  });
});

/** Waits until a count has grown by a few. */
async function settled(count: () => number): Promise<void> {
  const first = count();
  while (count() < first + 5) await new Promise((done) => setTimeout(done, 5));
}

describe("what may pass", () => {
  const quick = { longestRetryMs: 1 };
  const LOOK = /^DECLARE @max binary/;

  test.each<[string, (control: SqlServerControl) => void]>([
    ["deadlocks of the look", (faults) => faults.deadlock({ match: LOOK, times: 3 })],
    ["deadlocks of the pages", (faults) => faults.deadlock({ match: /dbo_a_CT/, times: 3 })],
    ["resets in the middle of a row", (faults) => faults.resetMidRow({ match: /dbo_[ab]_CT/, afterRows: 1, times: 4 })],
    ["resets of the look", (faults) => faults.resetMidRow({ match: LOOK, afterRows: 0, times: 2 })],
    [
      "errors of a failover",
      (faults) => faults.failWith({ match: /_CT/, number: 976, message: "not joined", times: 2 }),
    ],
  ])("%s are tried again, and the lines are the same", async (_title, strike) => {
    const faults = control();
    if (faults === undefined) return;
    await insert(1, 2, 3);
    await lab.run("BEGIN TRAN; UPDATE dbo.a SET n = 1; UPDATE dbo.b SET n = 1; DELETE dbo.a WHERE id = 2; COMMIT");
    const { text } = await lab.follow({ tables: TABLES });
    strike(faults);
    const struck = await lab.follow({ tables: TABLES, pageRows: 2, ...quick });
    expect(struck.text).toBe(text);
    expect(struck.told.some((line) => line.includes("trying again"))).toBe(true);
  });

  test("a right that is missing isn't tried again", async () => {
    await insert(1);
    control()?.denySelect(lab.database, "cdc", "dbo_a_CT");
    const { problem } = await lab.tryFollow({ tables: TABLES, ...quick });
    if (control() !== undefined) expect(problem).toMatchObject({ code: "CDC_MSSQL_PERMISSION" });
  });
});
