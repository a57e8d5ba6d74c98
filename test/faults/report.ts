import { STREAM_STEPS } from "../../stream/run/steps";
import type { Verdict } from "./judge";
import type { RunReport } from "./run-seed";
import { FAULTS } from "./scenario";

const VERDICTS: readonly Verdict[] = ["lost", "duplicated", "misordered", "torn"];
const FEATURES: Readonly<Record<string, string>> = {
  "big transaction": "26",
  "key update": "27",
  "key swap": "27",
  "bulk key update": "28",
  "NULL (max)": "29",
  rollback: "–",
};

/** Counts what the runs had and what came of them. */
export class Tally {
  runs = 0;
  readonly failures: RunReport[] = [];
  private readonly faults = new Map<string, number>();
  private readonly kills = new Map<string, number>();
  private readonly verdicts = new Map<Verdict, number>();
  private reads = 0;

  add(report: RunReport): void {
    this.runs += 1;
    this.reads += report.reads;
    for (const { fault } of report.scenario.faults) count(this.faults, fault.name);
    for (const feature of report.features) count(this.faults, feature);
    for (const step of report.killedAt) count(this.kills, step);
    for (const verdict of new Set(report.findings.map((finding) => finding.verdict))) count(this.verdicts, verdict);
    if (report.findings.length > 0) this.failures.push(report);
  }

  /** Faults that no run had, and points at which no process was killed. */
  missing(): string[] {
    const names = FAULTS.map(({ name }) => name).filter((name) => !this.faults.has(name));
    return [...names, ...STREAM_STEPS.filter((step) => !this.kills.has(step))];
  }

  /** The faults with the number of runs that had them, and the verdict. */
  table(passed: ReadonlyMap<string, number>): string {
    const faults = FAULTS.map(({ number, side, name }) => [number, side, name, this.faults.get(name) ?? 0] as const);
    const features = Object.entries(FEATURES).map(
      ([name, number]) => [number, "workload", name, this.faults.get(name) ?? 0] as const,
    );
    const rows = [...faults, ...features].map(
      ([number, side, name, runs]) =>
        `  ${number.padStart(3)}  ${side.padEnd(12)}  ${name.padEnd(52)} ${String(runs).padStart(6)}`,
    );
    const kills = STREAM_STEPS.map(
      (step) =>
        `  ${step.padEnd(20)} ${String(this.kills.get(step) ?? 0).padStart(6)} ${String(passed.get(step) ?? 0).padStart(9)}`,
    );
    const verdicts = VERDICTS.map((verdict) => `${String(this.verdicts.get(verdict) ?? 0)} ${verdict}`).join(", ");
    return [
      "",
      `  No.  ${"side".padEnd(12)}  ${"fault".padEnd(52)} ${"runs".padStart(6)}`,
      ...rows,
      "",
      `  ${"kill -9 at the point".padEnd(20)} ${"kills".padStart(6)} ${"passed".padStart(9)}`,
      ...kills,
      `  ${"at any time".padEnd(20)} ${String(this.kills.get("") ?? 0).padStart(6)}`,
      "",
      `${this.runs.toLocaleString("en")} runs: ${verdicts} (${this.reads.toLocaleString("en")} reads beside them)`,
      "",
    ].join("\n");
  }
}

/** What to know about a run. */
export function runText({ scenario, findings, said, durationMs }: RunReport): string {
  const { seed, faults, ...rest } = scenario;
  const planned = faults.map(
    ({ fault, after, source, lasts }) =>
      `${fault.name} (after ${String(after)}, source ${String(source)}, for ${String(lasts)})`,
  );
  return [
    `CDC_FAULT_SEED=${String(seed)}: ${planned.join("; ")}`,
    `${JSON.stringify(rest)} ${String(durationMs)} ms`,
    ...findings.slice(0, 12).map(({ verdict, text }) => `  ${verdict}: ${text}`),
    ...said.slice(-25).map((text) => `    said: ${text.slice(0, 400)}`),
  ].join("\n");
}

function count<T>(counts: Map<T, number>, key: T): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
