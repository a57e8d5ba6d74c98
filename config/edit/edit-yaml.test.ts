import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseYaml } from "../yaml-document";
import { editYaml, editYamlAll } from "./edit-yaml";
import type { YamlStep } from "./yaml-step";

const add = (path: string, value: unknown): YamlStep => ({ op: "add", path: path.split("/"), value: value as null });
const append = (path: string, value: unknown): YamlStep => ({
  op: "append",
  path: path.split("/"),
  value: value as null,
});
const remove = (path: string, whenEmpty: "nothing" | "braces" | "prune" = "nothing"): YamlStep => ({
  op: "remove",
  path: path.split("/").map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
  whenEmpty,
});
const set = (path: string, value: string): YamlStep => ({ op: "set", path: path.split("/"), value });

describe("one change of a YAML text", () => {
  test.each<[string, string, YamlStep, string]>([
    [
      "a key behind the last",
      "a:\n  b: 1 # one\n  # end\nc: 2\n",
      add("a/x", "w"),
      "a:\n  b: 1 # one\n  x: w\n  # end\nc: 2\n",
    ],
    [
      "deeper comments stay with their entry",
      "a:\n  b:\n    # deep\nc:\n",
      add("a/x", null),
      "a:\n  b:\n    # deep\n  x:\nc:\n",
    ],
    ["a mapping in an entry without value", "a:\n  b:\nc: 1\n", add("a/b/x", ["w"]), "a:\n  b:\n    x: [w]\nc: 1\n"],
    ["a mapping instead of null", "a:\n  b: ~ # why\n", add("a/b/x", 1), "a:\n  b: # why\n    x: 1\n"],
    ["a mapping instead of {}", "a: {}\n", add("a/x", { w: 1 }), "a:\n  x:\n    w: 1\n"],
    ["parents that aren't there", "a:\n  b: 1\n", add("a/x/w/z", "1"), 'a:\n  b: 1\n  x:\n    w:\n      z: "1"\n'],
    ["a file without final line end", "a:\n  b: 1", add("a/x", 2), "a:\n  b: 1\n  x: 2"],
    [
      "Windows line ends",
      "a:\r\n  b: 1\r\nc: 2\r\n",
      add("a/x", { w: 1 }),
      "a:\r\n  b: 1\r\n  x:\r\n    w: 1\r\nc: 2\r\n",
    ],
    [
      "four spaces per level",
      "a:\n    b:\n        c: 1\n",
      add("a/x", { w: 1 }),
      "a:\n    b:\n        c: 1\n    x:\n        w: 1\n",
    ],
    [
      "blank lines between all",
      "a:\n  b: 1\n\n  c: 2\n\nd: 1\n",
      add("a/x", 3),
      "a:\n  b: 1\n\n  c: 2\n\n  x: 3\n\nd: 1\n",
    ],
    ["braces", "a: { b: 1, c: 2 } # x\n", add("a/x", 3), "a: { b: 1, c: 2, x: 3 } # x\n"],
    ["braces without spaces", "a: {b: {c: 2}}\n", add("a/x", { d: 3 }), "a: {b: {c: 2}, x: {d: 3}}\n"],
    [
      "braces over several lines",
      "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
      add("a/x", 3),
      "a: {\n  b: 1, # one\n  c: 2, # two\n  x: 3\n}\n",
    ],
    ["a comma at the end", "a: [\n  b,\n  c,\n]\n", append("a", "x"), "a: [\n  b,\n  c,\n  x,\n]\n"],
    ["brackets on one line", "a: [b, 'c']\n", append("a", "x"), "a: [b, 'c', 'x']\n"],
    ["a list of dashes", "a:\n- b # one\n- c\nd: 1\n", append("a", "x"), "a:\n- b # one\n- c\n- x\nd: 1\n"],
    ["a list that isn't there", "a:\n  b: 1\n", append("a/x", "w"), "a:\n  b: 1\n  x: [w]\n"],
    ["an empty list", "a: []\n", append("a", "w"), "a: [w]\n"],
    ["quotes of the neighbours", "a:\n  'b': 'c'\n", add("a/x", "w"), "a:\n  'b': 'c'\n  'x': 'w'\n"],
    [
      "quotes where they are needed",
      'a:\n  "{{S}}.b": 1\n',
      add("a/{{S}}.x", "no"),
      'a:\n  "{{S}}.b": 1\n  "{{S}}.x": "no"\n',
    ],
    [
      "no quotes where neighbours needed them",
      'a:\n  "{{S}}.b": 1\n',
      add("a/x", "${V:-y}"),
      'a:\n  "{{S}}.b": 1\n  x: ${V:-y}\n',
    ],
    ["quotes for a variable in braces", "a: { b: c }\n", add("a/x", "${V:-y}"), 'a: { b: c, x: "${V:-y}" }\n'],
    [
      "the style of a neighbour's part",
      "a:\n  b:\n    dev: { c: 1 }\n",
      add("a/x", { dev: { c: 2 } }),
      "a:\n  b:\n    dev: { c: 1 }\n  x:\n    dev: { c: 2 }\n",
    ],
    [
      "behind a block of text",
      "a:\n  b: |\n    one\n    two\n\nc: 1\n",
      add("a/x", 2),
      "a:\n  b: |\n    one\n    two\n  x: 2\n\nc: 1\n",
    ],
    [
      "removal leaves the comment above",
      "a:\n  b: 1\n  # why\n  c: # in\n    # deep\n    d: 1\ne: 1\n",
      remove("a/c"),
      "a:\n  b: 1\n  # why\ne: 1\n",
    ],
    ["removal of the only entry", "a:\n  b: 1\nc: 2\n", remove("a/b"), "a:\nc: 2\n"],
    ["removal that leaves braces", "a: # x\n  b: 1\nc: 2\n", remove("a/b", "braces"), "a: {} # x\nc: 2\n"],
    ["removal with the key above", "z:\n  y: 1\n  a:\n    - b\nc: 2\n", remove("z/a/0", "prune"), "z:\n  y: 1\nc: 2\n"],
    ["removal of the first of several in braces", "a: { b: 1, c: 2 }\n", remove("a/b"), "a: { c: 2 }\n"],
    ["removal of the last in brackets", "a: [b, c, ]\n", remove("a/1"), "a: [b, ]\n"],
    ["removal of a line in braces", "a: {\n  b: 1, # one\n  c: 2\n}\n", remove("a/c"), "a: {\n  b: 1 # one\n}\n"],
    ["removal between blank lines", "a:\n  b: 1\n\n  c: 2\n\n  d: 3\n", remove("a/c"), "a:\n  b: 1\n\n  d: 3\n"],
    ["another value", "a: { b: 'x' } # y\n", set("a/b", "z"), "a: { b: 'z' } # y\n"],
    ["a value for a key without", "a:\n  b: # y\n", set("a/b", "z"), "a:\n  b: z # y\n"],
    ["an empty file", "", add("a/b", 1), "a:\n  b: 1\n"],
    ["a file of comments", "# only\n", add("a/b", 1), "# only\na:\n  b: 1\n"],
  ])("%s", (_title, text, step, expected) => {
    expect(editYaml(text, step)).toBe(expected);
  });

  test.each<[string, string, YamlStep, RegExp]>([
    ["an alias", "a: &x\n  b: 1\nc: *x\n", add("c/d", 1), /c cannot be edited here: it is an alias/],
    ["what an alias stands for", "a: &x\n  b: 1\nc: *x\n", add("a/d", 1), /a\.d cannot be edited here/],
    ["an anchor that is used", "a: &x\n  b: 1\nc: *x\n", remove("a"), /a cannot be edited here: .*alias/],
    ["a key twice", "a: 1\na: 2\n", add("b", 1), /duplicated mapping key/],
    ["a tab", "a:\n\tb: 1\n", add("b", 1), /cannot be edited here/],
    ["a value that is no mapping", "a: text\n", add("a/b", 1), /a cannot be edited here: it is no mapping/],
  ])("%s is refused rather than edited wrongly", (_title, text, step, message) => {
    expect(() => editYaml(text, step)).toThrow(message);
  });

  test("anchors elsewhere, tabs in comments and explicit keys are kept", () => {
    const text = "base: &b { x: 1 }\nuse: *b\n#\ttab\tcomment\n? odd\n: 1\na:\n  b: 1 #\ttab\n";
    const steps = [add("a/c", 2), remove("a/b"), add("a/d", { e: [1] })];
    expect(editYamlAll(text, steps)).toBe(
      "base: &b { x: 1 }\nuse: *b\n#\ttab\tcomment\n? odd\n: 1\na:\n  c: 2\n  d:\n    e: [1]\n",
    );
  });
});

const EXAMPLES = [
  "db-per-tenant/source-groups.yaml",
  "db-per-tenant/services/clinic.yaml",
  "db-per-tenant/services/_schemas/column-templates.yaml",
  "db-shared/source-groups.yaml",
  "db-shared/services/directory.yaml",
  "db-shared/services/scheduling.yaml",
].map((file) => readFileSync(join(__dirname, "../../examples", file), "utf8"));

/** Further texts in other manners. */
const MANNERS = [
  "a:\n    b:\n        c: {d: 1}\n\n    e: # x\n\n    f:\n\ng: 'h'\n",
  "# top\na: { b: { c: d }, 'e': [1, 2], }\nf:\n- g\n-   h\n#\ttabs\ti\n",
  'a:\n  b: |\n    text # no comment\n\n  c: >-\n    more\n  d: "multi\n    line"\n# end',
];

const variants = (text: string) => [text, text.replace(/\n/g, "\r\n"), text.replace(/\n$/, "")];
const aText = fc.constantFrom(...[...EXAMPLES, ...MANNERS].flatMap(variants));

/** Paths of all mappings of a value, except empty ones in braces. */
function mappingsIn(value: unknown, path: string[] = []): string[][] {
  if (value === null) return path.length === 0 ? [] : [path];
  if (typeof value !== "object" || Array.isArray(value)) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => mappingsIn(one, [...path, key]));
  return Object.keys(value).length === 0 ? inner : [path, ...inner];
}

const valueOf = (text: string) => parseYaml("", text).value;

const aKey = fc.oneof(
  fc.constantFrom("dbo.New", "{{SCHEMA}}.New", "no", "1", "a b", "x: y", "# z", "ærø", "it's", '"'),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const aScalar = fc.oneof(
  aKey,
  fc.constantFrom("${X:-y}", "", "~", " lead", "line\nbreak", "2024-01-01", "1_000"),
  fc.integer(),
  fc.boolean(),
);
const aValue = fc.oneof(
  fc.constant(null),
  aScalar,
  fc.array(aScalar, { minLength: 1, maxLength: 3 }),
  fc.dictionary(aKey, fc.oneof(aScalar, fc.constant(null), fc.array(aScalar, { minLength: 1, maxLength: 2 })), {
    minKeys: 1,
    maxKeys: 3,
  }),
);

/** A step that adds a new key somewhere in a text. */
function addition(text: string, where: number, key: string, value: unknown): YamlStep | undefined {
  const paths = mappingsIn(valueOf(text));
  const parent = paths[where % paths.length] ?? [];
  const at = parent.reduce<unknown>((inside, one) => (inside as Record<string, unknown>)[one], valueOf(text));
  if (typeof at === "object" && at !== null && Object.hasOwn(at, key)) return undefined;
  return { op: "add", path: [...parent, key], value: value as null };
}

describe("any change of the examples", () => {
  test("an addition that is taken back leaves the original bytes", () => {
    fc.assert(
      fc.property(aText, fc.nat(), aKey, aValue, (text, where, key, value) => {
        const step = addition(text, where, key, value);
        fc.pre(step !== undefined && key !== "__proto__");
        const edited = editYaml(text, step);
        expect(edited).not.toBe(text);
        expect(editYaml(edited, { op: "remove", path: step.path, whenEmpty: "nothing" })).toBe(text);
      }),
      { numRuns: 600 },
    );
  });

  test("additions leave every line and comment as it was, in its order", () => {
    const some = fc.array(fc.tuple(fc.nat(), aKey, aValue), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(aText, some, (text, changes) => {
        let edited = text;
        for (const [where, key, value] of changes) {
          const step = addition(edited, where, key, value);
          if (step !== undefined && key !== "__proto__") edited = editYaml(edited, step);
        }
        expectKept(text, edited);
      }),
      { numRuns: 150 },
    );
  });

  test("removals in any order leave every line that is not in what was removed", () => {
    fc.assert(
      fc.property(aText, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (text, picks) => {
        let edited = text;
        for (const pick of picks) {
          const paths = mappingsIn(valueOf(edited)).filter((path) => path.length > 1);
          const path = paths[pick % paths.length];
          if (path === undefined) break;
          const before = edited;
          edited = editYaml(edited, { op: "remove", path, whenEmpty: "nothing" });
          expectOnlyRemoved(before, edited, path.at(-1) ?? "");
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Every line of one text is in the other, in order; one with braces or brackets may have grown. */
function expectKept(text: string, edited: string): void {
  const lines = edited.split("\n");
  let at = 0;
  for (const line of text.split("\n")) {
    const kept = (one: string) => one.trimEnd() === line.trimEnd() || (/[{[]/.test(line) && isWithin(line, one));
    const found = lines.findIndex((one, index) => index >= at && kept(one));
    if (found < 0) throw new Error(`lost: ${JSON.stringify(line)} in\n${edited}`);
    at = found + 1;
  }
}

/** Whether the letters of a line are in another, in order. */
function isWithin(line: string, other: string): boolean {
  let at = 0;
  for (const letter of other) if (letter === line[at]) at++;
  return at === line.length;
}

/** One text is the other without one run of lines: blank ones, that of a key, and deeper ones. */
function expectOnlyRemoved(before: string, edited: string, key: string): void {
  const [lines, left] = [before.trimEnd().split(/\r?\n/), edited.trimEnd().split(/\r?\n/)];
  const count = lines.length - left.length;
  const runs = [...left, ""].flatMap((_, start) => {
    const without = [...lines.slice(0, start), ...lines.slice(start + count)];
    return without.join("\n") === left.join("\n") ? [lines.slice(start, start + count)] : [];
  });
  const inBraces = count === 0 && isWithin(edited, before);
  const fits = [...runs, ...(edited === "" ? [lines] : [])].some((run) => isEntry(run, key));
  if (!inBraces && !fits) throw new Error(`removing ${key} of\n${before}\nleft\n${edited}`);
}

function isEntry(run: readonly string[], key: string): boolean {
  const [head = "", ...rest] = run.slice(run.findIndex((line) => line.trim() !== ""));
  const depth = (line: string) => line.length - line.trimStart().length;
  return (
    head.includes(key) &&
    rest.every((line) => line.trim() === "" || depth(line) >= depth(head) + (/^\s*-/.test(line) ? 0 : 1))
  );
}
