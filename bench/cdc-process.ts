import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RunningPostgres } from "../sandbox/postgres";

/** What one command of `cdc` left to know. */
export interface CdcRun {
  readonly stdout: string;
  /** Highest sum of resident memory of the process and its children, in MB; 0 where /proc is absent. */
  readonly peakMb: number;
}

const SAMPLE_MS = 100;

/** Runs a command of the compiled `cdc` in a project, against the bench's PostgreSQL. Rejects when it fails. */
export async function runCdc(directory: string, postgres: RunningPostgres, ...args: string[]): Promise<CdcRun> {
  const command = [resolve("dist/cli/main.js"), ...args, "-C", directory, "-s", "dev", "--engine", "built-in"];
  const child = spawn(process.execPath, command, { env: environment(directory, postgres) });
  let stdout = "";
  let stderr = "";
  let peakMb = 0;
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const sampling = setInterval(() => {
    peakMb = Math.max(peakMb, treeMb(child.pid));
  }, SAMPLE_MS);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  clearInterval(sampling);
  if (code !== 0) throw new Error(`cdc ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return { stdout, peakMb };
}

function environment(directory: string, { host, port, user, password }: RunningPostgres): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PG_DEV_HOST: host,
    PG_DEV_PORT: String(port),
    PG_DEV_USER: user,
    PG_DEV_PASSWORD: password,
    PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
  };
}

/** Resident memory of a process and all below it. */
function treeMb(root: number | undefined): number {
  try {
    const parents = new Map(
      readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => [Number(pid), parentOf(pid)]),
    );
    const below = (pid: number): number[] => [
      pid,
      ...[...parents].filter(([, up]) => up === pid).flatMap(([own]) => below(own)),
    ];
    return below(root ?? -1).reduce((sum, pid) => sum + residentMb(pid), 0);
  } catch {
    return 0;
  }
}

function parentOf(pid: string): number {
  return Number(readStatus(pid, "PPid"));
}

function residentMb(pid: number): number {
  return Number(/\d+/.exec(readStatus(String(pid), "VmRSS"))?.[0] ?? 0) / 1024;
}

/** A line of a process's status; empty when the process is gone. */
function readStatus(pid: string, name: string): string {
  try {
    return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}
