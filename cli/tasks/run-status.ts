import type { RecordedProvider, RunRecord } from "../../tasks/detached";
import { table } from "../print/table";

/** The last run of a task in words; a task that never ran has none. */
export function runStatusText(task: string, run: RunRecord | undefined): string {
  if (run === undefined) return `task ${task} never ran`;
  const { counters, providers, lastError } = run;
  const rows: [string, string][] = [
    ["run", [run.status, run.detached ? "in the background" : "", exitText(run)].filter(Boolean).join(", ")],
    ["process", String(run.process.pid)],
    ["started", run.startedAt],
    ...(run.endedAt === undefined ? [] : [["ended", run.endedAt] as [string, string]]),
    ["input", providerText(providers.input)],
    ["output", providerText(providers.output)],
    ["lines", `${counters.lines}, ${counters.acked} confirmed, ${run.linesPerSecond} a second`],
    ["last confirmed", run.lastAckAt ?? "never"],
    ["restarts", String(counters.restarts)],
    ["last error", lastError === undefined ? "none" : `${lastError.at} ${lastError.code}: ${lastError.message}`],
  ];
  return table(["", ""], rows);
}

function exitText({ exitCode }: RunRecord): string {
  return exitCode === undefined ? "" : `exit code ${exitCode}`;
}

function providerText(provider: RecordedProvider | undefined): string {
  if (provider === undefined) return "not started";
  const { name, version, process, capabilities, legacy, isReady } = provider;
  const can = legacy ? "an older provider" : capabilities.join(", ");
  const pid = process === undefined ? "" : `process ${process.pid}`;
  return [`${name} ${version ?? ""}`.trim(), pid, isReady ? can : "not ready"].filter(Boolean).join("; ");
}
