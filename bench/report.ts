import { availableParallelism } from "node:os";
import { grouped } from "../migrations/generate/grouped";
import type { Measurement } from "./measure";

const TITLES = ["bench", "variant", "min", "median", "ratio", "rate", "limit", "figures"];

/** What the figures were taken on; names no machine. */
export interface Surroundings {
  readonly postgres: string;
  readonly runs: string;
  /** Load average of the minute before, to tell a busy machine from a slow one. */
  readonly load: number;
  /** Such as `2026-11-30`. */
  readonly day: string;
}

/** The measurements as one Markdown table, columns aligned so that it reads well on a terminal too. */
export function table(measurements: readonly Measurement[]): string {
  const rows = [TITLES, ...measurements.map((found, index) => cells(found, measurements[index - 1]))];
  const widths = TITLES.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}

/** The page with sections of the benches that were measured in the place of older ones; the others stay as they are. */
export function updated(page: string, measurements: readonly Measurement[], surroundings: Surroundings): string {
  const sections = new Map(page.split(/^(?=## )/m).flatMap(headed));
  for (const [name, found] of grouped(measurements, ({ bench }) => bench))
    sections.set(name, `## ${name}\n\n${taken(surroundings)}\n\n${table(found)}\n\n`);
  return `${HEAD}${[...sections.values()].join("")}`.trimEnd() + "\n";
}

const HEAD = `# Results

What \`npm run bench -- --write <name>\` measured. Times in seconds. Ratios are medians against the first variant of the same run, or against the one that the limit names; compare ratios, not times, between machines, and times of one section only.

`;

function headed(section: string): [string, string][] {
  const [, name] = /^## (.+)/.exec(section) ?? [];
  return name === undefined ? [] : [[name, `${section.trimEnd()}\n\n`]];
}

function taken({ postgres, runs, load, day }: Surroundings): string {
  const machine = `${availableParallelism()} cores (${process.platform} ${process.arch}, load ${load.toFixed(1)} before)`;
  return `${day}, Node ${process.version}, PostgreSQL ${postgres}, ${machine}; ${runs}.`;
}

function cells(found: Measurement, above: Measurement | undefined): string[] {
  const limit = found.limit === undefined ? "" : `${found.limit.text} ${found.limit.holds ? "✓" : "✗"}`;
  const figures = Object.entries(found.figures).map(([name, value]) => `${name}: ${shown(value)}`);
  return [
    above?.bench === found.bench ? "" : found.bench,
    found.variant,
    ...(Number.isNaN(found.median)
      ? ["", "", ""]
      : [found.min.toFixed(2), found.median.toFixed(2), `${found.ratio.toFixed(2)}x`]),
    found.rate ?? "",
    limit,
    figures.join("; "),
  ];
}

function shown(value: number | string): string {
  return typeof value === "string" ? value : value.toLocaleString("en", { maximumFractionDigits: 2 });
}
