import type { BenchContext, Variant } from "./bench";
import { judge, measure, median } from "./measure";
import { table } from "./report";

const NOWHERE = {} as BenchContext;

describe("a bench", () => {
  test("takes the middle of its runs", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7]);
  });

  test("lets its variants take turns, and prepares each run", async () => {
    const calls: string[] = [];
    const variant = (name: string): Variant => ({
      name,
      prepare: () => Promise.resolve(void calls.push(`prepare ${name}`)),
      run: () => Promise.resolve(void calls.push(name)),
    });
    await measure({ name: "turns", variants: [variant("a"), variant("b")] }, NOWHERE, 2);
    const turn = ["prepare a", "a", "prepare b", "b"];
    expect(calls).toEqual([...turn, ...turn]);
  });

  test("leaves out what the machine can't run, and says why", async () => {
    const run = () => Promise.resolve();
    const rival = { name: "rival", missing: () => Promise.resolve("no java"), run: () => Promise.reject(new Error()) };
    const own = { name: "own", run, limit: { atMostRatios: { rival: 0.5 } } };
    const found = await measure({ name: "one is missing", variants: [{ name: "first", run }, rival, own] }, NOWHERE, 1);
    expect(found[1]).toMatchObject({ figures: { "not run": "no java" }, median: Number.NaN });
    expect(found[2]?.limit).toEqual({ text: "≤ 0.5x rival (not run)", holds: true });
    expect(table(found)).not.toContain("NaN");
  });

  test("cleans up after a failure", async () => {
    const tearDown = jest.fn(() => Promise.resolve());
    const variants = [{ name: "fails", run: () => Promise.reject(new Error("no table")) }];
    await expect(measure({ name: "failing", variants, tearDown }, NOWHERE, 1)).rejects.toThrow("no table");
    expect(tearDown).toHaveBeenCalledTimes(1);
  });

  test.each([
    [{ atMostSeconds: 10 }, "≤ 10 s", true],
    [{ atMostRatio: 2 }, "≤ 2x", false],
    [{ atMostSecondsMore: 3 }, "≤ +3 s", false],
    [{ atLeastPerSecond: 185_000 }, "≥ 185,000/s", true],
    [{ atMostSeconds: 10, atMostRatio: 2 }, "≤ 10 s, ≤ 2x", false],
  ])("judges %j at 7 s against 3 s and 200,000 a second", (limit, text, holds) => {
    expect(judge(limit, 7, 3, 200_000)).toEqual({ text, holds });
  });

  test("judges against the variant that the limit names, and refuses a name that there isn't", () => {
    const medians = new Map([["rival", 10]]);
    const judged = (most: number) => judge({ atMostRatios: { rival: most } }, 7, 3, 1, {}, medians);
    expect(judged(0.5)).toEqual({ text: "≤ 0.5x rival (0.70x)", holds: false });
    expect(judged(0.8).holds).toBe(true);
    expect(() => judge({ atMostRatios: { other: 1 } }, 7, 3, 1, {}, medians)).toThrow("other");
  });

  test("judges figures too, and a missing one as missed", () => {
    const limit = { atMostFigures: { MB: 600, KB: 2 } };
    expect(judge(limit, 1, 1, 1, { MB: 590, KB: 1.9 })).toEqual({ text: "MB ≤ 600, KB ≤ 2", holds: true });
    expect(judge(limit, 1, 1, 1, { MB: 590 }).holds).toBe(false);
  });

  test("prints a row per variant, with its limit and its figures", () => {
    const measured = { bench: "Merge", min: 1, median: 2, ratio: 1, figures: { "KB of state": 1.256 } };
    const [, , row] = table([
      { ...measured, variant: "ours", rate: "5 rows/s", limit: { text: "≤ 3 s", holds: true } },
    ]).split("\n");
    expect(row).toBe("| Merge | ours    | 1.00 | 2.00   | 1.00x | 5 rows/s | ≤ 3 s ✓ | KB of state: 1.26 |");
  });
});
