/** Lines around a change. */
const CONTEXT = 3;
/** Larger changes are shown as one: everything out, everything in. */
const MOST_CELLS = 4_000_000;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** The difference of two texts as `diff -u` and `patch` have it; undefined stands for a file that isn't there. Empty when they are equal. */
export function unifiedDiff(file: string, before: string | undefined, after: string | undefined): string {
  const lines = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return "";
  const names = [
    before === undefined ? "--- /dev/null" : `--- a/${file}`,
    after === undefined ? "+++ /dev/null" : `+++ b/${file}`,
  ];
  return `${[...names, ...hunks].join("\n")}\n`;
}

/** Lines with what marks a missing line end, so that it counts as a difference. */
function linesOf(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  return last === "" ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (texts: readonly string[]): Line[] => texts.map((text) => ({ sign: " ", text }));
  const middle = compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = (before.length + 1) * width > MOST_CELLS ? undefined : commonLengths(before, after);
  const lines: Line[] = [];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    const [out, put] = [before[left], after[right]];
    if (common !== undefined && out !== undefined && out === put) {
      lines.push({ sign: " ", text: out });
      left++;
      right++;
    } else if (
      out !== undefined &&
      (put === undefined || length(common, (left + 1) * width + right) >= length(common, left * width + right + 1))
    ) {
      lines.push({ sign: "-", text: out });
      left++;
    } else {
      lines.push({ sign: "+", text: put ?? "" });
      right++;
    }
  }
  return lines;
}

/** For each pair of positions, how many lines the two rests have in common, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const cells = new Uint32Array((before.length + 1) * width);
  for (let left = before.length - 1; left >= 0; left--) {
    for (let right = after.length - 1; right >= 0; right--) {
      const at = left * width + right;
      const skipped = Math.max(length(cells, at + width), length(cells, at + 1));
      cells[at] = before[left] === after[right] ? length(cells, at + width + 1) + 1 : skipped;
    }
  }
  return cells;
}

function length(cells: Uint32Array | undefined, at: number): number {
  return cells?.[at] ?? 0;
}

function hunksOf(lines: readonly Line[]): string[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ sign }) => sign !== " "),
  );
  const hunks: string[] = [];
  for (let start = near.indexOf(true); start >= 0;) {
    const stop = near.indexOf(false, start);
    const end = stop < 0 ? lines.length : stop;
    hunks.push(hunk(lines, start, end));
    start = near.indexOf(true, end);
  }
  return hunks;
}

function hunk(lines: readonly Line[], start: number, end: number): string {
  const within = lines.slice(start, end);
  const place = (other: Line["sign"]): string => {
    const first = lines.slice(0, start).filter(({ sign }) => sign !== other).length;
    const count = within.filter(({ sign }) => sign !== other).length;
    return `${String(count === 0 ? first : first + 1)},${String(count)}`;
  };
  return [`@@ -${place("+")} +${place("-")} @@`, ...within.map(({ sign, text }) => sign + text)].join("\n");
}
