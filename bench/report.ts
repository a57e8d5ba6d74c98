import { availableParallelism } from "node:os";
import type { Measurement } from "./measure";

const TITLES = ["bench", "variant", "min", "median", "ratio", "rate", "limit", "figures"];

/** What the figures were taken on; names no machine. */
export interface Surroundings {
  readonly postgres: string;
  readonly runs: string;
  /** Load average of the minute before, to tell a busy machine from a slow one. */
  readonly load: number;
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

/** The page that `npm run bench` writes. */
export function page(measurements: readonly Measurement[], { postgres, runs, load }: Surroundings): string {
  return `# Results

\`npm run bench\` on Node ${process.version}, PostgreSQL ${postgres}, ${availableParallelism()} cores (${process.platform} ${process.arch}, load ${load.toFixed(1)} before the first run); ${runs}.
Times in seconds. Ratios are medians against the first variant of the same run, or against the one that the limit names; compare ratios, not times, between machines.

${table(measurements)}
`;
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
