import { sourceShape } from "../../test/harness/source-shape";
import type { CaptureInstance } from "./capture-instance";
import { NO_LSN } from "../../model/lsn";
import { columnsSince, matchColumns } from "./match-columns";

/** `name=present` for a captured column, `-name` for one that isn't captured, `~name` for a computed one. */
function instance(...columns: readonly string[]): CaptureInstance {
  const captured = columns.filter((text) => !/^[-~]/.test(text));
  return {
    name: "i",
    schema: "dbo",
    table: "t",
    startLsn: NO_LSN,
    columns: captured.map((text, index) => {
      const [name = "", present = name] = text.split("=");
      return { name, sourceName: present === "" ? undefined : present, ordinal: index + 1, type: "int" };
    }),
    uncaptured: columns
      .filter((text) => /^[-~]/.test(text))
      .map((text) => ({ name: text.slice(1), isComputed: text.startsWith("~") })),
  };
}

function wanted(...names: readonly string[]) {
  return sourceShape("t", Object.fromEntries(names.map((name) => [name, "integer"])), []);
}

function matched(names: readonly string[], columns: readonly string[]): string {
  const found = matchColumns(wanted(...names), instance(...columns));
  const pairs = Array.from(found.columns, ([name, column]) => `${name}<${column.name}`);
  const lists = (["missing", "unknown", "ambiguous"] as const).map((list) =>
    found[list].map((name) => `${list} ${name}`),
  );
  return [...pairs, ...lists.flat()].join(", ");
}

test.each([
  ["a column by its name", ["a"], ["a", "b"], "a<a"],
  ["before the deployment knows of a rename, by the old name", ["a"], ["a=b"], "a<a"],
  ["after that, by the new name", ["b"], ["a=b"], "b<a"],
  ["a dropped column still by its name", ["a"], ["a="], "a<a"],
  ["also when another one has its name now", ["a"], ["a=", "-a"], "a<a"],
  ["not a new column by the old name of a renamed one", ["a", "b"], ["a=b", "-a"], "b<a, missing a"],
  ["nothing when both may be meant", ["a"], ["a=b", "-a"], "ambiguous a"],
  ["nothing when names were swapped", ["a", "b"], ["a=b", "b=a"], "ambiguous a, ambiguous b"],
  ["a column that isn't captured", ["a"], ["-a"], "missing a"],
  ["a column that isn't there", ["a"], ["b"], "unknown a"],
  ["a computed column, which is never there", ["a", "b"], ["b", "~a"], "b<b"],
])("it finds %s", (_, names, columns, expected) => {
  expect(matched(names, columns)).toBe(expected);
});

test("columns that a newer instance adds are those that the older one lacks or has lost", () => {
  const shape = wanted("a", "b", "c", "d");
  const [older, newer] = [instance("a", "b=", "-c", "-b", "~d"), instance("a", "b", "c", "~d")];
  expect(columnsSince(shape, older, newer)).toEqual(["b", "c"]);
  expect(columnsSince(shape, newer, newer)).toEqual([]);
});
