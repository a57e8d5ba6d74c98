import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipelineModel, sinkTable } from "../../test/harness/sink-model";
import { rootPage, servicePages } from "./pages";
import { writePages } from "./write-pages";

const pagesOf = (...names: string[]) => [
  rootPage(["test"]),
  ...servicePages(pipelineModel(names.map((name) => sinkTable("cust01", name)))),
];

describe("writing pages", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cdc-schema-docs-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("leaves alone what has not changed", () => {
    const first = writePages(folder, pagesOf("Actor", "Bill"), ["test"]);
    expect(first).toMatchObject({ unchanged: 0, orphans: [] });
    expect(first.written).toHaveLength(7);
    const file = join(folder, "test/main.test/cust01/Actor.md");
    const before = statSync(file).mtimeMs;
    writeFileSync(join(folder, "test/main.test/cust01/Bill.md"), "edited");
    const second = writePages(folder, pagesOf("Actor", "Bill"), ["test"]);
    expect(second).toEqual({ written: ["test/main.test/cust01/Bill.md"], unchanged: 6, orphans: [] });
    expect(statSync(file).mtimeMs).toBe(before);
  });

  test("names the pages of tables that are gone, keeps them, and says nothing of other people's files", () => {
    writePages(folder, pagesOf("Actor", "Bill"), ["test"]);
    writeFileSync(join(folder, "test/ours.md"), "# Written by hand\n");
    const { orphans } = writePages(folder, pagesOf("Actor"), ["test"]);
    expect(orphans).toEqual(["test/main.test/cust01/Bill.md", "test/main.test/cust01/Bill.yaml"]);
    expect(existsSync(join(folder, "test/main.test/cust01/Bill.md"))).toBe(true);
    expect(readFileSync(join(folder, "test/index.md"), "utf8")).not.toContain("Bill");
  });

  test("says which file it can't write", () => {
    writeFileSync(join(folder, "test"), "a file where a folder must be");
    expect(() => writePages(folder, pagesOf("Actor"), ["test"])).toThrow(
      expect.objectContaining({
        code: "CDC_NOT_WRITABLE",
        message: expect.stringContaining(join(folder, "test")) as string,
      }),
    );
  });
});
