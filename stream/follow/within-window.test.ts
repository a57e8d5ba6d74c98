import { openFollowLab, type FollowLab } from "../../test/harness/follow-lab";
import type { FollowState } from "./state";

const ROWS = 1_500;
const TABLES = ["one", "two"];

let lab: FollowLab;
let whole = "";

// A transaction over two tables that is given out in several pieces.
beforeAll(async () => {
  lab = await openFollowLab();
  for (const table of TABLES) {
    await lab.run(`CREATE TABLE dbo.${table} (id int NOT NULL PRIMARY KEY, name nvarchar(200))`);
    await lab.capture(table);
  }
  const values = (from: number) =>
    Array.from({ length: 250 }, (_, row) => `(${String(from + row)}, N'${"x".repeat(100)}')`).join(", ");
  const inserts: string[] = [];
  for (let from = 0; from < ROWS; from += 250)
    for (const table of TABLES) inserts.push(`INSERT dbo.${table} VALUES ${values(from)}`);
  await lab.run(`BEGIN TRAN; ${inserts.join("; ")}; COMMIT`);
  await lab.run("UPDATE dbo.one SET name = N'later' WHERE id = 1");
  whole = (await lab.follow({ tables: TABLES })).text;
});
afterAll(() => lab.close());

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** Follows piece by piece, stopped after each; what every run gave out. */
async function inPieces(tables: readonly string[]): Promise<{ texts: string[]; states: FollowState[] }> {
  const texts: string[] = [];
  const states: FollowState[] = [];
  let count = 0;
  for (const all = linesOf(whole).length; count < all;) {
    const state = states.at(-1);
    const run = await lab.follow({ tables, stopAfter: 1, pageRows: 100, ...(state === undefined ? {} : { state }) });
    texts.push(run.text);
    states.push(JSON.parse(JSON.stringify(run.state)) as FollowState);
    count += linesOf(run.text).length;
  }
  return { texts, states };
}

test("stopped within a transaction it goes on behind the last line, any number of times", async () => {
  const { texts, states } = await inPieces(TABLES);
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.join("")).toBe(whole);
  // The position stays in front of the transaction until it was given out whole.
  expect(new Set(states.slice(0, -2).map(({ position }) => position)).size).toBe(1);
  expect(states[0]?.tables["dbo.one"]?.emitted).toMatch(/^[0-9a-f]{50}$/);
  expect(states.at(-1)?.tables["dbo.one"]).not.toHaveProperty("emitted");
});

test("a table that comes later brings all of its lines, also those in front of the place of the others", async () => {
  const ofTable = (text: string, table: string): string[] =>
    linesOf(text).filter((line) => line.includes(`"TableName":"${table}"`));
  const first = await lab.follow({ tables: ["one"], stopAfter: 1, pageRows: 100 });
  expect(first.state?.tables["dbo.one"]?.emitted).toBeDefined();
  const second = await lab.follow({ tables: TABLES, state: first.state });
  expect(ofTable(first.text + second.text, "one")).toEqual(ofTable(whole, "one"));
  expect(ofTable(second.text, "two")).toEqual(ofTable(whole, "two"));
});
