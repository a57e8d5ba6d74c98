import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";
import { STREAM_STEPS, type StreamStep } from "./steps";

let lab: StreamLab;
beforeAll(async () => {
  lab = await openStreamLab();
  await lab.source.run(`CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY, N int, Note nvarchar(max));
    CREATE TABLE dbo.B (Id int NOT NULL PRIMARY KEY, N int, Note nvarchar(max))`);
  for (const table of ["A", "B"]) await lab.source.capture(table);
  await lab.source.captured();
  const columns = [column("Id", "integer", { nullable: false }), column("N", "integer"), column("Note", "text")];
  await lab.deploy(["A", "B"].map((name) => sinkTable("s", name, { columns, source: { schema: "dbo", table: name } })));
});
afterAll(() => lab.close());

/** What a transaction does to both tables alike. */
let number = 0;
async function transaction(): Promise<void> {
  number += 1;
  const n = String(number);
  const both = (statement: (table: string) => string): string => `${statement("A")}; ${statement("B")}`;
  await lab.source.run(`BEGIN TRAN;
    ${both((table) => `INSERT dbo.${table} VALUES (${n}, ${n}, 'note ${n}')`)};
    ${both((table) => `UPDATE dbo.${table} SET N = N + 1 WHERE Id % 3 = ${String(number % 3)}`)};
    ${both((table) => `DELETE dbo.${table} WHERE Id = ${String(number - 7)}`)}; COMMIT`);
}

const AT_SOURCE = "SELECT Id, N, Note FROM dbo.A ORDER BY Id";

async function expectEqual(): Promise<void> {
  const answer = await lab.source.run(AT_SOURCE);
  const wanted = (answer.results[0]?.rows ?? []).map((row) => row.map(String).join(" "));
  for (const table of ["A", "B"]) {
    expect(await lab.rows(`SELECT "Id", "N", "Note" FROM s."${table}" ORDER BY 1`)).toEqual(wanted);
  }
}

/** Fails at a step, with all connections to the sink cut there. */
function failingAt(step: StreamStep): { onStep: (passed: StreamStep) => Promise<void>; hasFailed: () => boolean } {
  let failed = false;
  return {
    hasFailed: () => failed,
    onStep: async (passed) => {
      if (failed || passed !== step) return;
      failed = true;
      await lab.sink.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
      );
      throw new Error("pulled the plug");
    },
  };
}

const USUAL: readonly StreamStep[] = STREAM_STEPS.filter(
  (step) =>
    !["tableStopped", "instanceSwitched", "stateRecorded", "stateCommitted", "closing"].includes(step) &&
    !step.startsWith("snapshot"),
);

test.each(USUAL)("a stream that fails at %s leaves nothing lost, torn or twice", async (step) => {
  for (let time = 1; time <= 2; time += 1) {
    for (let count = 0; count < 3; count += 1) await transaction();
    await lab.source.captured();
    const { onStep, hasFailed } = failingAt(step);
    expect(await lab.once(["A", "B"], { onStep })).toMatchObject({ healthy: true });
    expect(hasFailed()).toBe(true);
    await expectEqual();
  }
});
