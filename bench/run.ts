import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench";
import { DEFAULT_RUNS, measure, type Measurement } from "./measure";
import { table, updated } from "./report";
import { openContext } from "./server";

const USAGE =
  "npm run bench -- [--runs <n>] [--write] [name …]     all benches when no name is given; --write keeps what was measured in RESULTS.md";
const RESULTS = join("bench", "RESULTS.md");

/** Measures, prints one table, writes it down if wished, and fails when a limit is missed. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string" }, write: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const benches = await loadBenches(positionals);
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  const load = loadavg()[0] ?? 0;
  const { measurements, version } = await measureAll(benches, runs);
  console.log(table(measurements));
  if (values.write === true) {
    const day = new Date().toISOString().slice(0, 10);
    const surroundings = { postgres: version, runs: toldRuns(benches, runs), load, day };
    writeFileSync(RESULTS, updated(readFileSync(RESULTS, "utf8"), measurements, surroundings));
  }
  return measurements.some(({ limit }) => limit?.holds === false) ? 1 : 0;
}

/** Such as `min and median of 3 to 5 runs each`. */
function toldRuns(benches: readonly Bench[], asked: number | undefined): string {
  const counts = benches.map((bench) => asked ?? bench.runs ?? DEFAULT_RUNS);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) return "one run each";
  return `min and median of ${least === most ? "" : `${least} to `}${most} runs each`;
}

async function loadBenches(names: readonly string[]): Promise<Bench[]> {
  const files = readdirSync(__dirname)
    .filter((file) => file.endsWith(".bench.js"))
    .sort();
  const wanted = names.length === 0 ? files : names.map((name) => `${name}.bench.js`);
  const unknown = wanted.filter((file) => !files.includes(file));
  if (unknown.length > 0) throw new Error(`no bench/${unknown.join(", bench/").replaceAll(".js", ".ts")}\n${USAGE}`);
  return Promise.all(wanted.map(async (file) => ((await import(join(__dirname, file))) as { bench: Bench }).bench));
}

async function measureAll(benches: readonly Bench[], runs: number | undefined) {
  const context = await openContext();
  const measurements: Measurement[] = [];
  try {
    for (const bench of benches) {
      process.stderr.write(`${bench.name} …\n`);
      measurements.push(...(await measure(bench, context, runs)));
      await context.closeConnections();
    }
  } finally {
    await context.stop();
  }
  return { measurements, version: context.version };
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
