import fc from "fast-check";
import { dump, load } from "js-yaml";
import { locate } from "./yaml-locator";

const TEXT = `# a comment: not a key
---
clinic:
  source:   # tables below
    tables:
      dbo.Actor: { primary_key: actno, "ignore_columns": [ 'a, b', "c: d", e ] }
      'dbo.O''Brien':
        primary_key:
        - one
        - two
      "dbo.\\u00c5":
        note: |
          ignore_columns: not this one
          other
        ignore_columns:
          - x
  list:
    - name: a
      type: int
    -   name: b
        type: text
  anchored: &base
    key: 1
  empty:
  last: x
`;

describe("where a key is in a YAML text", () => {
  test.each([
    [["clinic"], 3, 1],
    [["clinic", "source"], 4, 3],
    [["clinic", "source", "tables", "dbo.Actor"], 6, 7],
    [["clinic", "source", "tables", "dbo.Actor", "primary_key"], 6, 20],
    [["clinic", "source", "tables", "dbo.Actor", "ignore_columns"], 6, 40],
    [["clinic", "source", "tables", "dbo.Actor", "ignore_columns", 1], 6, 68],
    [["clinic", "source", "tables", "dbo.Actor", "ignore_columns", 2], 6, 76],
    [["clinic", "source", "tables", "dbo.O'Brien"], 7, 7],
    [["clinic", "source", "tables", "dbo.O'Brien", "primary_key", 1], 10, 11],
    [["clinic", "source", "tables", "dbo.Å", "ignore_columns"], 15, 9],
    [["clinic", "source", "tables", "dbo.Å", "ignore_columns", 0], 16, 13],
    [["clinic", "list", 0, "type"], 19, 7],
    [["clinic", "list", 1], 20, 9],
    [["clinic", "list", 1, "type"], 21, 9],
    [["clinic", "anchored", "key"], 23, 5],
    [["clinic", "last"], 25, 3],
  ])("%j", (path, line, column) => {
    expect(load(TEXT)).toBeDefined();
    expect(locate(TEXT, path)).toEqual({ line, column });
  });

  test("what isn't there is where its nearest ancestor is", () => {
    expect(locate(TEXT, ["clinic", "list", 1, "nullable"])).toEqual({ line: 20, column: 9 });
    expect(locate(TEXT, ["nothing"])).toMatchObject({ line: 2 });
    expect(locate("", ["a"])).toEqual({ line: 1, column: 1 });
  });

  test("every key of whatever js-yaml writes is found on its own line", () => {
    const key = fc.stringMatching(/^[a-zA-Z][\w. '"#,-]{0,8}[a-z]$/);
    const leaf = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.constant("two\nlines\n"));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(
        key,
        fc.oneof({ depthSize: "small" }, leaf, tie("tree"), fc.array(tie("tree"), { maxLength: 3 })),
        { minKeys: 1, maxKeys: 4 },
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(-1, 2), (value, flowLevel) => {
        const text = dump(value, { flowLevel, lineWidth: -1 });
        // js-yaml 4.3 writes a plain `A:]` into a flow collection and can't read it back.
        fc.pre(readable(text));
        for (const path of keyPaths(value)) {
          const { line, column } = locate(text, path);
          const rest = text.split("\n")[line - 1]?.slice(column - 1) ?? "";
          const last = String(path.at(-1));
          const spelled = [last, JSON.stringify(last), `'${last.replace(/'/g, "''")}'`];
          expect(spelled.some((one) => rest.startsWith(one))).toBe(true);
        }
      }),
    );
  });

  function readable(text: string): boolean {
    try {
      return load(text) !== undefined;
    } catch {
      return false;
    }
  }

  function keyPaths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
    if (Array.isArray(value)) return value.flatMap((one, index) => keyPaths(one, [...path, index]));
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, one]) => [[...path, key], ...keyPaths(one, [...path, key])]);
  }
});
