import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CdcError } from "../../lib/errors";
import type { Account } from "./account";
import { SERVER_ENVIRONMENT, type Cluster } from "./cluster";
import { stopAtExit } from "./watchdog";

/** Settings by name, as in postgresql.conf. */
export type Settings = Readonly<Record<string, string | number>>;

/** A server process that accepts connections. */
export interface Server {
  /** Ends sessions and shuts down; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Ends it as a crash does: no checkpoint, recovery at the next start. */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** Starts the server on the loopback address. Throws CDC_SANDBOX_POSTGRES with the end of the log when it doesn't come up. */
export async function startServer(
  program: string,
  cluster: Cluster,
  port: number,
  settings: Settings,
  account: Account,
) {
  const log = openSync(cluster.log, "a", 0o600);
  const flags = ["-D", cluster.files, "-p", String(port), ...settingFlags(settings)];
  const options = { ...account, cwd: "/", env: SERVER_ENVIRONMENT, detached: true };
  const child = spawn(program, flags, { ...options, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  stopAtExit(child);
  const exited = exitOf(child);
  await untilReady(child, cluster, exited);
  return serverOf(child, exited);
}

function settingFlags(settings: Settings): string[] {
  const all: Settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${String(value)}`]);
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve(error.message);
    });
    child.once("exit", (code, signal) => {
      resolve(`it ended with ${signal ?? `code ${String(code)}`}`);
    });
  });
}

async function untilReady(child: ChildProcess, cluster: Cluster, exited: Promise<string>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const ended = exited.then((reason) => ({ reason }));
  while (!isReady(cluster, child.pid)) {
    const outcome = await Promise.race([ended, sleep(20)]);
    if (outcome) throw startFailure(cluster, outcome.reason);
    if (Date.now() < deadline) continue;
    child.kill("SIGKILL");
    throw startFailure(cluster, `not ready after ${String(START_TIMEOUT_MS / 1000)} s`);
  }
}

/** Line 8 of postmaster.pid tells the state; pg_ctl waits for it in the same way. */
function isReady(cluster: Cluster, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(cluster.files, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function startFailure(cluster: Cluster, reason: string): CdcError {
  const log = readFileSync(cluster.log, "utf8").trimEnd().split("\n").slice(-5).join("\n");
  return new CdcError("CDC_SANDBOX_POSTGRES", `PostgreSQL in ${cluster.directory} did not start: ${reason}\n${log}`, {
    hint: "Its last words are above; a port in use or a second server on the same folder are the usual reasons.",
  });
}

function serverOf(child: ChildProcess, exited: Promise<string>): Server {
  const end = async (signal: NodeJS.Signals) => {
    child.ref();
    child.kill(signal);
    const ended = await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    if (ended === undefined) child.kill("SIGKILL");
    await exited;
  };
  return { stop: () => end("SIGINT"), kill: () => end("SIGQUIT") };
}
