import { createRequire } from "node:module";

const NO_BORDERS = Object.fromEntries(
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid"
    .split(" ")
    .map((part) => [part, ""]),
);

/** Rows under a heading, columns aligned, two spaces apart, no borders: readable and easy to cut. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // Loaded with the first table: every command names what it prints, and few print one.
  const Table = createRequire(__filename)("cli-table3") as typeof import("cli-table3");
  const grid = new Table({
    head: [...head],
    chars: { ...NO_BORDERS, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  grid.push(...rows.map((row) => [...row]));
  return grid
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
