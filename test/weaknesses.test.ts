import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
const ROW = /^\| ([A-Z]\d+) +\| (.+?) +\| `([^`]+)` +\| `([^`]+)` +\|$/;

interface Weakness {
  readonly id: string;
  readonly text: string;
  readonly file: string;
  readonly title: string;
}

const LINES = readFileSync(join(ROOT, "docs", "weaknesses.md"), "utf8").split("\n");
const WEAKNESSES: readonly Weakness[] = LINES.flatMap((line) => {
  const [, id = "", text = "", file = "", title = ""] = ROW.exec(line) ?? [];
  return id === "" ? [] : [{ id, text, file, title }];
});

test("every line of the tables is read", () => {
  const bodies = LINES.filter((line) => line.startsWith("|") && !/^\| (?:id|-+) /.test(line));
  expect(WEAKNESSES).toHaveLength(bodies.length);
});

test("B1 to B20 and every row of the apply behaviour are there", () => {
  const ids = new Set(WEAKNESSES.map(({ id }) => id));
  const wanted = [
    ...Array.from({ length: 20 }, (_, index) => `B${String(index + 1)}`),
    ...Array.from({ length: 21 }, (_, index) => `A${String(index + 1)}`),
  ];
  expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
});

test("each is shown by a test that exists", () => {
  const missing = WEAKNESSES.filter(({ file, title }) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    return !['"', "'", "`"].some((quote) => source.includes(`${quote}${title}${quote}`));
  });
  expect(missing).toEqual([]);
});
