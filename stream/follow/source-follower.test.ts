import { openFollowLab, type FollowLab } from "../../test/harness/follow-lab";
import type { Envelope } from "../../model/envelope";

let lab: FollowLab;
beforeAll(async () => {
  lab = await openFollowLab();
});
afterAll(() => lab.close());

/** An envelope in short: `Update a 1:x`, with `|` in front of the first one of a transaction. */
function told(envelopes: readonly Envelope[]): string {
  let last = "";
  const parts = envelopes.map(({ data, metadata }) => {
    const isNext = metadata.LSN !== last;
    last = metadata.LSN;
    return `${isNext ? "| " : ""}${metadata.OperationType} ${metadata.TableName} ${String(data["id"])}:${String(data["name"])}`;
  });
  return parts.join(" ").replace(/^\| /, "");
}

async function table(name: string): Promise<void> {
  await lab.run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(40), note nvarchar(max))`);
  await lab.capture(name);
}

describe("following a source", () => {
  test("an envelope has all that is known of a change", async () => {
    await table("whole");
    await lab.run(`INSERT dbo.whole VALUES (1, N'"ä\\😀', N'n')`);
    await lab.run("UPDATE dbo.whole SET name = N'b'");
    await lab.run("DELETE dbo.whole");
    const { envelopes } = await lab.follow({ tables: ["whole"], tenant: "north" });
    const common = {
      TableName: "whole",
      Schema: "dbo",
      Database: lab.database,
      Tenant: "north",
      Key: ["id"],
      Version: 1,
      LSN: expect.stringMatching(/^[0-9a-f]{20}$/),
      Position: expect.stringMatching(/^[0-9a-f]{50}$/),
      SeqVal: expect.stringMatching(/^[0-9a-f]{20}$/),
      CommandId: 1,
      CommitTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      TransactionId: expect.stringMatching(/^[0-9a-f]{12,20}$/),
    };
    expect(envelopes).toEqual([
      { data: { id: "1", name: '"ä\\😀', note: "n" }, metadata: { ...common, OperationType: "Insert" } },
      {
        data: { id: "1", name: "b" },
        metadata: { ...common, OperationType: "Update", Before: { id: "1", name: '"ä\\😀' } },
      },
      {
        data: { id: "1", name: "b", note: "n" },
        metadata: { ...common, OperationType: "Delete", Before: { id: "1", name: "b", note: "n" } },
      },
    ]);
    for (const { metadata } of envelopes) {
      expect(metadata.Position?.slice(0, 20)).toBe(metadata.LSN);
      expect(Date.now() - Date.parse(metadata.CommitTime ?? "")).toBeLessThan(600_000);
    }
  });

  test("transactions over tables come whole, in the order of their commands", async () => {
    await table("left_");
    await table("right_");
    await lab.run(
      "BEGIN TRAN; INSERT dbo.right_ VALUES (1, N'a', NULL); INSERT dbo.left_ VALUES (1, N'b', NULL); COMMIT",
    );
    await lab.run(
      "BEGIN TRAN; UPDATE dbo.left_ SET name = N'c'; DELETE dbo.right_; UPDATE dbo.left_ SET name = N'd'; COMMIT",
    );
    const { envelopes } = await lab.follow({ tables: ["left_", "right_"] });
    expect(told(envelopes)).toBe(
      "Insert right_ 1:a Insert left_ 1:b | Update left_ 1:c Delete right_ 1:a Update left_ 1:d",
    );
  });

  test("it goes on where its state says, and a state never lies within a transaction", async () => {
    await table("steps");
    await lab.run("INSERT dbo.steps VALUES (1, N'a', NULL)");
    const first = await lab.follow({ tables: ["steps"] });
    await lab.run("BEGIN TRAN; INSERT dbo.steps VALUES (2, N'b', NULL), (3, N'c', NULL); COMMIT");
    await lab.run("UPDATE dbo.steps SET name = N'z' WHERE id = 1");
    const second = await lab.follow({ tables: ["steps"], state: first.state });
    expect([told(first.envelopes), told(second.envelopes)]).toEqual([
      "Insert steps 1:a",
      "Insert steps 2:b Insert steps 3:c | Update steps 1:z",
    ]);
    const all = [...first.envelopes, ...second.envelopes];
    for (const { count, state } of second.states) {
      const before = all.slice(0, first.envelopes.length + count);
      const after = all.slice(first.envelopes.length + count);
      expect(before.every(({ metadata }) => metadata.LSN <= state.position)).toBe(true);
      expect(after.every(({ metadata }) => metadata.LSN > state.position)).toBe(true);
    }
  });

  test("pages of any size give the same lines, also those by way of text", async () => {
    for (const name of ["p1", "p2", "p3"]) await table(name);
    for (let n = 0; n < 6; n += 1) {
      const rows = Array.from({ length: 7 }, (_, row) => `(${String(n * 10 + row)}, N'v${String(row)}', N'x')`).join(
        ", ",
      );
      await lab.run(
        `BEGIN TRAN; INSERT dbo.p1 VALUES ${rows}; INSERT dbo.p2 VALUES ${rows}; UPDATE dbo.p1 SET name = N'u' WHERE id % 3 = 0; COMMIT`,
      );
      await lab.run("UPDATE dbo.p2 SET id = id + 1000 WHERE id < 1000; DELETE dbo.p1 WHERE id % 4 = 1");
    }
    const tables = ["p1", "p2", "p3"];
    const { text } = await lab.follow({ tables });
    for (const pageRows of [1, 3]) expect((await lab.follow({ tables, pageRows })).text).toBe(text);
    expect((await lab.follow({ tables, windowRows: 1, pageRows: 4 })).text).toBe(text);
    expect((await lab.follow({ tables, plain: true, pageRows: 5 })).text).toBe(text);
    const positions = text.split("\n").flatMap((line) => /"Position":"(\w+)"/.exec(line)?.[1] ?? []);
    expect(positions).toEqual([...positions].sort());
    expect(new Set(positions).size).toBe(positions.length);
  });

  test("chosen columns only, and no key when it isn't among them", async () => {
    await table("chosen");
    await lab.run("INSERT dbo.chosen VALUES (1, N'a', N'n')");
    const { envelopes } = await lab.follow({ tables: [{ table: "chosen", columns: ["name"] }] });
    expect(envelopes.map(({ data, metadata }) => [data, metadata.Key])).toEqual([[{ name: "a" }, undefined]]);
  });

  test("a table that is added later brings what is still there, and the others aren't read again", async () => {
    await table("early");
    await table("late");
    await lab.run("INSERT dbo.early VALUES (1, N'a', NULL); INSERT dbo.late VALUES (1, N'b', NULL)");
    const first = await lab.follow({ tables: ["early"] });
    await lab.run("INSERT dbo.early VALUES (2, N'c', NULL)");
    const second = await lab.follow({ tables: ["early", "late"], state: first.state });
    expect(told(second.envelopes)).toBe("Insert late 1:b | Insert early 2:c");
  });

  test("a copy of the rows comes first where that is wished, in pieces that can be resumed", async () => {
    await lab.run("CREATE TABLE dbo.copied (id int NOT NULL PRIMARY KEY, name nvarchar(40))");
    await lab.run("INSERT dbo.copied VALUES (1, N'a'), (2, N'b'), (3, N'c')");
    await lab.capture("copied");
    await lab.run("UPDATE dbo.copied SET name = N'before' WHERE id = 3");
    const { envelopes, states } = await lab.follow({ tables: ["copied"], snapshot: "initial", snapshotRows: 2 });
    expect(told(envelopes)).toBe("Read copied 1:a Read copied 2:b Read copied 3:before");
    const [read] = envelopes;
    expect(read?.metadata).toMatchObject({ Key: ["id"], Position: `${read?.metadata.LSN ?? ""}${"f".repeat(30)}` });
    // Where the copy begins is kept before its first row: a later beginning would miss that the row was deleted.
    expect(states[0]).toMatchObject({
      count: 0,
      state: { tables: { "dbo.copied": { snapshot: { id: read?.metadata.SnapshotId } } } },
    });
    const half = states.find(({ state }) => state.tables["dbo.copied"]?.snapshot?.last !== undefined)?.state;
    await lab.run("UPDATE dbo.copied SET name = N'after' WHERE id = 1");
    const rest = await lab.follow({ tables: ["copied"], snapshot: "initial", state: half });
    expect(told(rest.envelopes)).toBe("Read copied 3:before Update copied 1:after");
    expect(rest.envelopes[0]?.metadata.SnapshotId).toBe(read?.metadata.SnapshotId);
  });
});
