import { InvalidArgumentError, type Command } from "commander";
import { contextFrom } from "../context";
import type { SandboxFlags, ScriptFlags } from "../sandbox";
import { positive } from "../number-words";
import type { ServiceBusFlags } from "../sandbox-servicebus";

/** `cdc sandbox` */
export function register(program: Command): void {
  const sandbox = program
    .command("sandbox")
    .summary("servers to try things with, on this machine only")
    .addHelpText("after", "\nExample:\n  $ cdc sandbox sqlserver --port 1433");
  sandbox
    .command("sqlserver")
    .summary("a stand-in for SQL Server, in memory, until Ctrl-C")
    .description(
      "Starts a stand-in that speaks SQL Server's protocol and has its change data capture, on 127.0.0.1. It is not SQL\n" +
        "Server, knows the part of T-SQL that is needed here, and forgets everything when it ends.\n" +
        "Prints how to connect, and the compose file of the real one.\n" +
        "Exit codes: 0 stopped, 2 error (the port is taken, a script failed).",
    )
    .option("--port <port>", "TCP port (default: a free one)", port)
    .option("--password <password>", "password of the login sa (default: a random one)")
    .option("--init <file...>", "T-SQL scripts to run first; a line that says GO ends a batch")
    .option("--polling-ms <milliseconds>", "how often the capture jobs look at the log (default 500)", positive)
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc sandbox sqlserver --port 1433 --password Choose-a-long-0ne --init source.sql",
    )
    .action(startSqlServer);
  sandbox
    .command("sql <file...>")
    .summary("run T-SQL scripts in the stand-in, or in a SQL Server on this machine")
    .description("Exit codes: 0 all ran, 2 error (the first one is told; what ran before it stays).")
    .option("--port <port>", "TCP port of 127.0.0.1", port, 1433)
    .option("--user <login>", "login", "sa")
    .option("--password <password>", "its password")
    .addHelpText("after", "\nExample:\n  $ cdc sandbox sql changes.sql --port 1433 --password Choose-a-long-0ne")
    .action(runScripts);
  registerServiceBus(sandbox);
}

function registerServiceBus(sandbox: Command): void {
  sandbox
    .command("servicebus")
    .summary("a stand-in for Azure Service Bus, in memory, until Ctrl-C")
    .description(
      "Starts a stand-in on 127.0.0.1 that the clients of Azure reach unmodified: AMQP 1.0 and the administration's\n" +
        "REST calls on one port, with TLS or without. It is not Azure Service Bus, has queues only, and forgets everything\n" +
        "when it ends. Prints the connection string, and what to run in its place.\n" +
        "Exit codes: 0 stopped, 2 error (the port is taken, a queue's name is wrong).",
    )
    .option("--port <port>", "TCP port (default: a free one)", port)
    .option("--key <key>", "key of the policy RootManageSharedAccessKey (default: a random one)")
    .option(
      "--queue <name...>",
      "queues to make: name, or name:session, name:duplicates, name:session:duplicates for sessions and duplicate detection",
    )
    .option(
      "--certificate <file>",
      "write the certificate there; clients that use TLS, such as the administration's, need it",
    )
    .option("--tls", "print a connection string that asks for TLS")
    .option("--premium", "a namespace of the Premium tier: messages of up to 100 MB")
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc sandbox servicebus --port 5672 --queue Orders_cdc_events:session:duplicates",
    )
    .action(startServiceBus);
}

async function startSqlServer(flags: SandboxFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const signal = context.stopsCleanly();
  const { runSandbox } = await import("../sandbox");
  await runSandbox(context, flags, signal);
}

async function startServiceBus(flags: ServiceBusFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const signal = context.stopsCleanly();
  const { runServiceBus } = await import("../sandbox-servicebus");
  await runServiceBus(context, flags, signal);
}

async function runScripts(files: readonly string[], flags: ScriptFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { runScriptFiles } = await import("../sandbox");
  await runScriptFiles(context, files, flags);
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError("a port from 1 to 65535 is needed.");
  return value;
}
