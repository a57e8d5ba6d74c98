import { spawn } from "node:child_process";
import { runTask, type ProviderCommand } from "../tasks/relay";

/** How lines are moved: by the relay in one of its modes, or by a bare `stdout.pipe(stdin)`. */
export type RelayMode = "parsed" | "none" | "pipe";

/** What the process is told, as its argument. */
export interface RelayOrder {
  readonly mode: RelayMode;
  readonly input: ProviderCommand;
  readonly output: ProviderCommand;
}

/** The last line that it writes. */
export interface RelayReport {
  readonly lines: number;
  readonly cpuSeconds: number;
}

async function main({ mode, input, output }: RelayOrder): Promise<void> {
  const lines = mode === "pipe" ? await pipe(input, output) : await relay(mode, input, output);
  const { user, system } = process.cpuUsage();
  const report: RelayReport = { lines, cpuSeconds: (user + system) / 1e6 };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

async function relay(check: "parsed" | "none", input: ProviderCommand, output: ProviderCommand): Promise<number> {
  const result = await runTask({ task: "bench", input, output, check, signal: new AbortController().signal });
  if (result.exitCode !== 0) throw new Error(result.failure?.message);
  return result.counters.acked;
}

/** The control: no lines, no handshake, no acks. Both are started as a shell would. */
async function pipe(input: ProviderCommand, output: ProviderCommand): Promise<number> {
  const from = spawn(input.file, input.args, { stdio: ["pipe", "pipe", "inherit"] });
  const to = spawn(output.file, output.args, { stdio: ["pipe", "ignore", "inherit"] });
  from.stdin.end(`${JSON.stringify(input.config)}\n`);
  to.stdin.write(`${JSON.stringify(output.config)}\n`);
  from.stdout.pipe(to.stdin);
  const code = await new Promise<number | null>((resolve) => to.once("close", resolve));
  if (code !== 0) throw new Error(`the output exited with ${String(code)}`);
  return (input.config as { lines?: number }).lines ?? 0;
}

void main(JSON.parse(process.argv[2] ?? "") as RelayOrder);
