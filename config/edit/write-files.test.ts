import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addedProblems, EditedFolder, writeChanges } from ".";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cdc-write-"));
  writeFileSync(join(directory, "a.yaml"), "a: 1\n");
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const textOf = (file: string) => readFileSync(join(directory, file), "utf8");

describe("writing an edit", () => {
  test("makes, changes and removes files, and leaves nothing else behind", () => {
    writeFileSync(join(directory, "gone.yaml"), "x: 1\n");
    const folder = new EditedFolder(directory);
    folder.edit("a.yaml", [{ op: "add", path: ["b"], value: 2 }]);
    folder.edit("deep/er/new.yaml", [{ op: "add", path: ["c"], value: "3" }]);
    folder.remove("gone.yaml");
    writeChanges(directory, folder.changes());
    expect(readdirSync(directory).sort()).toEqual(["a.yaml", "deep"]);
    expect([textOf("a.yaml"), textOf("deep/er/new.yaml")]).toEqual(["a: 1\nb: 2\n", 'c: "3"\n']);
    expect(folder.changes()).toEqual([]);
  });

  test("is refused when somebody else changed a file meanwhile: none is written", () => {
    writeFileSync(join(directory, "b.yaml"), "b: 1\n");
    const folder = new EditedFolder(directory);
    for (const file of ["a.yaml", "b.yaml"]) folder.edit(file, [{ op: "add", path: ["c"], value: 2 }]);
    const changes = folder.changes();
    writeFileSync(join(directory, "b.yaml"), "b: other\n");
    expect(() => writeChanges(directory, changes)).toThrow(/b\.yaml was changed by somebody else meanwhile/);
    expect([textOf("a.yaml"), textOf("b.yaml")]).toEqual(["a: 1\n", "b: other\n"]);
  });

  test("leaves the first file alone, and no trace, when the second has no place", () => {
    writeFileSync(join(directory, "file"), "");
    const folder = new EditedFolder(directory);
    folder.edit("a.yaml", [{ op: "add", path: ["c"], value: 2 }]);
    const changes = [...folder.changes(), { file: "file/b.yaml", before: undefined, after: "b: 1\n" }];
    expect(() => writeChanges(directory, changes)).toThrow();
    expect(textOf("a.yaml")).toBe("a: 1\n");
    expect(readdirSync(directory).sort()).toEqual(["a.yaml", "file"]);
  });

  test("of a file that is no UTF-8 text says so", () => {
    writeFileSync(join(directory, "a.yaml"), Buffer.from("a: \u00e6", "latin1"));
    const folder = new EditedFolder(directory);
    expect(() => folder.edit("a.yaml", [{ op: "add", path: ["c"], value: 2 }])).toThrow(
      /a\.yaml: the file is not written in UTF-8/,
    );
  });

  test("is checked against what was wrong before, wherever it has moved", () => {
    const settings = [{ environment: "dev", env: {} }];
    const edited = new Map([["a.yaml", "a: 2\n"]]);
    expect(addedProblems(directory, edited, settings)).toEqual([]);
    const broken = new Map([["source-groups.yaml", "x: [\n"]]);
    expect(addedProblems(directory, broken, settings).map(({ file }) => file)).toEqual(["source-groups.yaml"]);
  });
});
