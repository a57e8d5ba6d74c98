import fc from "fast-check";
import { unifiedDiff } from "./unified-diff";

/** What `patch` does, for diffs of one file; undefined when a line to keep or take out isn't there. */
function patched(before: string, diff: string): string | undefined {
  const lines = before.split(/(?<=\n)/);
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2)) {
    const start = /^@@ -(\d+),(\d+)/.exec(line);
    if (start !== null) {
      const first = Number(start[1]) - (start[2] === "0" ? 0 : 1);
      out.push(...lines.slice(at, first));
      at = first;
    } else if (line.startsWith("\\")) {
      out.push((out.pop() ?? "").replace(/\n$/, ""));
    } else if (line.startsWith("+")) {
      out.push(`${line.slice(1)}\n`);
    } else if (line !== "") {
      if (lines[at]?.replace(/\n$/, "") !== line.slice(1)) return undefined;
      if (line.startsWith(" ")) out.push(lines[at] ?? "");
      at++;
    }
  }
  return [...out, ...lines.slice(at)].join("");
}

const aText = fc
  .array(fc.constantFrom("a", "b", "c", "", "  d"), { maxLength: 30 })
  .map((lines) => lines.map((line) => `${line}\n`).join(""));

describe("a unified diff", () => {
  test("turns one text into the other", () => {
    fc.assert(
      fc.property(aText, aText, (before, after) => {
        const diff = unifiedDiff("f", before, after);
        expect(before === after ? before : patched(before, diff)).toBe(after);
        expect(diff === "").toBe(before === after);
      }),
      { numRuns: 500 },
    );
  });

  test("shows three lines around each change, and a missing line end", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    expect(unifiedDiff("f", before, before.replace("5\n", "five\n").replace("9\n", "9"))).toBe(
      "--- a/f\n+++ b/f\n@@ -2,8 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-9\n+9\n\\ No newline at end of file\n",
    );
  });

  test("of a file that is made or removed names /dev/null", () => {
    expect(unifiedDiff("f", undefined, "a\n")).toBe("--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n");
    expect(unifiedDiff("f", "a\n", undefined)).toBe("--- a/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n");
  });
});
