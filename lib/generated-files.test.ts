import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWhole } from "./generated-files";

test("a file that can't be written is named, and leaves nothing unfinished", () => {
  const folder = mkdtempSync(join(tmpdir(), "cdc-write-"));
  const path = join(folder, "taken.sql");
  mkdirSync(path);
  expect(() => {
    writeWhole(path, "text");
  }).toThrow(expect.objectContaining({ path }) as Error);
  expect(readdirSync(folder)).toEqual(["taken.sql"]);
  rmSync(folder, { recursive: true });
});
