import { InvalidArgumentError, Option, type Command } from "commander";
import { contextFrom } from "../context";
import { parseListenAddress, type ListenAddress } from "../observe/listen-address";
import type { RunStreamFlags } from "../run-stream";
import { positive, seconds } from "../number-words";
import { taskFileOption } from "../tasks/load-task";
import type { RunTaskFlags } from "../tasks/run-task";

const SNAPSHOTS = ["initial", "never", "when_needed"];
const LEVELS = ["debug", "info", "warn", "error"];

/** `cdc run` */
export function register(program: Command): void {
  const command = program
    .command("run")
    .summary("stream changes from SQL Server into the tables, or run a task")
    .description(
      "Copies the tables that are new (snapshot), then moves every committed change, until it is stopped. It may be killed\n" +
        "at any point and started again: nothing is lost and nothing comes twice. Several may run beside each other: one\n" +
        "works, the others stand by and take over. Ctrl-C and SIGTERM stop it within 5 seconds; the transaction in\n" +
        "flight is committed or rolled back.\n" +
        "Exit codes: 0 stopped, or with --once everything is in the sink; 2 error (configuration, nothing deployed, no source\n" +
        "can be used); 3 it ended while a table or a source stands still, or with --strict while there are dead letters;\n" +
        "130 a second Ctrl-C, or it did not stop in time.\n" +
        "With a task: starts its input and its output, moves every change from one to the other, and stores how far the\n" +
        "input is when the output has confirmed. Other options than -c, --detach, --log-level and --pull-images don't count.\n" +
        "Exit codes: 0 its input has no more, or it was stopped; 2 error of the configuration, of a handshake or of the\n" +
        "protocol; 3 restarts are used up; 4 the input failed; 5 the output failed; 130 a second Ctrl-C.",
    )
    .argument("[task]", "name of a task; without one the stack is meant")
    .option("-d, --detach", "run the task in the background")
    .option("--pull-images", "take what the tags of images stand for now")
    .addOption(new Option("--background", "this is the process in the background").hideHelp())
    .option("--pipeline <name>", "name of the positions and of the leases", named, "stream")
    .option("--source <name...>", "only these sources: a database, <server>/<database>, or a tenant")
    .option("--database <name>", "sink database, when the stack has several")
    .option("--once", "end when all that is captured now is in the sink, and all snapshots are done")
    .addOption(new Option("--snapshot <mode>", "for all tables, instead of what was deployed").choices(SNAPSHOTS))
    .option("--strict", "exit with 3 while there are dead letters")
    .addOption(new Option("--log-level <level>", "least level of the lines").choices(LEVELS).default("info"))
    .option("--poll-max-ms <milliseconds>", "longest pause between two looks at a source (default 1000)", positive)
    .option("--writers <count>", "transactions in the sink at once (default 4)", positive)
    .option(
      "--health <[host:]port>",
      "serve /healthz, /readyz and /metrics; on this machine only without a host",
      address,
    )
    .option("--lag-limit <seconds>", "not ready, with a warning, when a source lags more", seconds)
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc run -s dev\n  $ cdc run -s prod --json --health 0.0.0.0:9464\n  $ cdc run -s dev --once\n" +
        "  $ cdc run mssql-to-asb --detach",
    );
  taskFileOption(command).action(runCommand);
}

async function runCommand(
  task: string | undefined,
  flags: RunStreamFlags & RunTaskFlags,
  command: Command,
): Promise<void> {
  const context = contextFrom(command);
  // Before anything is loaded: from now on the first signal stops gracefully.
  const signal = context.stopsCleanly();
  if (task !== undefined) {
    const { runNamedTask } = await import("../tasks/run-task");
    await runNamedTask(context, task, flags, signal);
    return;
  }
  const { runStream } = await import("../run-stream");
  await runStream(context, flags, signal);
}

function named(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("a name is needed.");
  return text;
}

function address(text: string): ListenAddress {
  const found = parseListenAddress(text);
  if (found === undefined) throw new InvalidArgumentError("a port, or <host>:<port>, is needed.");
  return found;
}
