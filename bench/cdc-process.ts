import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
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
    peakMb = Math.max(peakMb, treeMb(child.pid ?? 0));
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

/** Resident memory of a process and all below it; a process that is gone has none. */
function treeMb(pid: number): number {
  try {
    const [, kilobytes = "0"] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    // Asked of the process itself: to look through all processes ten times a second would slow down what is measured.
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return below.reduce((sum, child) => sum + treeMb(Number(child)), Number(kilobytes) / 1024);
  } catch {
    return 0;
  }
}
