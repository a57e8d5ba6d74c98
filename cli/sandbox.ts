import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CdcError } from "../lib/errors";
import { startSqlServer, type RunningSqlServer } from "../sandbox/sqlserver";
import type { Context } from "./context";
import { untilAborted } from "./until-aborted";

/** What `cdc sandbox sqlserver` was asked. */
export interface SandboxFlags {
  readonly port?: number;
  readonly password?: string;
  readonly init?: readonly string[];
  readonly pollingMs?: number;
}

/** What `cdc sandbox sql` was asked. */
export interface ScriptFlags {
  readonly port: number;
  readonly user: string;
  readonly password?: string;
}

/** How often capture jobs look at the log: a demonstration shouldn't wait as long as SQL Server does. */
const POLLING_MS = 500;

/** Runs the stand-in until the signal. Throws CdcError (CDC_SANDBOX_SQLSERVER). */
export async function runSandbox(context: Context, flags: SandboxFlags, signal: AbortSignal): Promise<void> {
  const scripts = (flags.init ?? []).map((file) => readScript(resolve(context.directory, file), file));
  const server = await start(flags);
  try {
    for (const script of scripts) await run(server, script);
    const { host, port, user, password, url } = server;
    context.print({ standIn: true, host, port, user, password, url }, () => description(server));
    await untilAborted(signal);
  } finally {
    await server.stop();
  }
}

/** Runs scripts in a server on this machine. Throws CdcError. */
export async function runScriptFiles(context: Context, files: readonly string[], flags: ScriptFlags): Promise<void> {
  const { runScript } = await import("../databases/sqlserver/run-script");
  for (const file of files) {
    const { text } = readScript(resolve(context.directory, file), file);
    await runScript({ host: "127.0.0.1", database: "master", encrypt: false, ...flags }, text);
    context.note(`${file} ran`);
  }
}

async function start({ port, password, pollingMs = POLLING_MS }: SandboxFlags): Promise<RunningSqlServer> {
  try {
    return await startSqlServer({
      pollingIntervalMs: pollingMs,
      ...(port === undefined ? {} : { port }),
      ...(password === undefined ? {} : { password }),
    });
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
    const why = taken ? "the port is taken" : String(cause);
    throw new CdcError("CDC_SANDBOX_SQLSERVER", `the stand-in cannot listen on port ${String(port)}: ${why}`, {
      hint: "Choose another --port.",
    });
  }
}

interface Script {
  readonly file: string;
  readonly text: string;
}

function readScript(path: string, file: string): Script {
  try {
    return { file, text: readFileSync(path, "utf8") };
  } catch {
    throw new CdcError("CDC_SANDBOX_SQLSERVER", `${file} cannot be read`, { hint: "Name a file of T-SQL." });
  }
}

async function run(server: RunningSqlServer, { file, text }: Script): Promise<void> {
  try {
    await server.control.run("master", text);
  } catch (cause) {
    const { number, message } = cause as { number?: number; message: string };
    const told = number === undefined ? message : `error ${String(number)}: ${message}`;
    throw new CdcError("CDC_SANDBOX_SQLSERVER", `${file} failed with ${told}`, {
      hint: "docs/sqlserver-stand-in.md says which T-SQL the stand-in knows.",
    });
  }
}

function description({ host, port, user, password, url }: RunningSqlServer): string {
  return `SQL Server stand-in: it is not SQL Server, and forgets everything when it ends.

  ${url}

For the stack dev:
  export MSSQL_DEV_HOST=${host} MSSQL_DEV_PORT=${String(port)} MSSQL_DEV_USER=${user} MSSQL_DEV_PASSWORD='${password}' MSSQL_DEV_ENCRYPT=false

The real one, in its place:
  docker run --rm -e ACCEPT_EULA=Y -e MSSQL_AGENT_ENABLED=true -e MSSQL_SA_PASSWORD='${password}' \\
    -p ${host}:${String(port)}:1433 mcr.microsoft.com/mssql/server:2022-latest

Ctrl-C ends it.`;
}
