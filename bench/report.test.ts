import type { Measurement } from "./measure";
import { updated } from "./report";

const surroundings = { postgres: "18.4", runs: "one run each", load: 0.1, day: "2026-01-02" };

function measured(bench: string, variant: string, median: number): Measurement {
  return { bench, variant, min: median, median, ratio: 1, figures: {} };
}

test("a bench that is measured again replaces its own section only", () => {
  const first = updated(
    "",
    [measured("Merge", "plain", 1), measured("Merge", "ours", 2), measured("Load", "a", 3)],
    surroundings,
  );
  expect(first).toMatch(/## Merge\n\n2026-01-02, .*; one run each\.\n\n\| bench[^]*ours[^]*## Load\n/);
  const [, merge = "", load = ""] = first.split(/^(?=## )/m);
  const second = updated(first, [measured("Load", "b", 4)], { ...surroundings, day: "2026-02-03" });
  expect(second).toContain(merge);
  expect(second).not.toContain(load.trimEnd());
  expect(second).toMatch(/## Load\n\n2026-02-03[^]*b +\| 4\.00/);
  expect(updated(second, [], surroundings)).toBe(second);
});
