import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Compares a text with the file `test/golden/<name>`; `CDC_WRITE_GOLDEN=1` writes the file instead. */
export function expectGolden(name: string, text: string): void {
  const path = join(__dirname, "..", "golden", name);
  const wanted = `${text.trimEnd()}\n`;
  if (process.env["CDC_WRITE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wanted);
  }
  expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(wanted);
}
