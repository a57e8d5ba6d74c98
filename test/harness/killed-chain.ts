import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { KilledTask, type Victim } from "./killed-task";
import { startCdcTask, startTask } from "./task-process";

const BIN = join(__dirname, "..", "..", "dist", "tasks", "providers", "bin");

/** Configs of the input `sqlserver`, and of an output by its name. */
export interface ChainConfig {
  readonly input: Readonly<Record<string, unknown>>;
  readonly output: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Starts the task. Where the relay is killed it is `cdc run`; else it starts its providers again without a pause. */
export function startChain(victim: Victim, folder: string, { input, output }: ChainConfig): KilledTask {
  const [[name, config] = ["", {}]] = Object.entries(output);
  if (victim === "relay") {
    const chain = { input: { provider: "sqlserver", config: input }, output: { provider: name, config } };
    writeFileSync(join(folder, "tasks.yaml"), JSON.stringify({ tasks: { chain } }));
    return new KilledTask(() => startCdcTask("chain", folder), join(folder, ".cdc", "tasks", "chain"));
  }
  const directory = join(folder, "task");
  const options = {
    task: "chain",
    directory,
    input: provider("sqlserver-input", input),
    output: provider(`${name}-output`, config),
    // As the one that `cdc run` takes: without it an output has one of its own, which a kill leaves behind.
    lease: { name: "task-chain", token: "1" },
    restart: { max: 1_000, firstMs: 1, longestMs: 10 },
  };
  return new KilledTask(() => startTask(options, true), directory);
}

function provider(name: string, config: Readonly<Record<string, unknown>>) {
  return { name, file: process.execPath, args: [join(BIN, `${name}.js`)], config };
}
