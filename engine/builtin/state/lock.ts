import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CdcError } from "../../../lib/errors";
import { removeQuietly } from "../../../lib/generated-files";
import { stateWriteError } from "./files";

/** The content of a lock file, as the file backend of the Pulumi CLI has it, and when the process started. */
interface Holder {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
  /** Start of the process in clock ticks, so that a reused pid is not taken for the holder. */
  readonly processStart?: string;
}

/** A lock that we hold. */
export interface Lock {
  release(): void;
}

const attempts = 4;
const maxPauseMs = 250;

/**
 * Locks a stack for one run. Locks of processes of this machine that are gone are removed and told to `onNote`.
 * Throws `CdcError` naming who holds the lock.
 */
export async function lockStack(directory: string, onNote: (note: string) => void): Promise<Lock> {
  const own = join(directory, `${randomUUID()}.json`);
  for (let attempt = 1; ; attempt += 1) {
    refuse(findLocks(directory, own, onNote));
    write(directory, own);
    // Two may write at once: each then sees the other, both step back, and chance decides who is first.
    const others = findLocks(directory, own, onNote);
    if (others.length === 0) return { release: () => rmSync(own, { force: true }) };
    rmSync(own, { force: true });
    if (attempt === attempts) refuse(others);
    await sleep(Math.random() * maxPauseMs);
  }
}

/** Removes every lock of the stack, whoever holds it: `pulumi cancel`. Returns how many there were. */
export function removeLocks(directory: string): number {
  const files = lockFiles(directory);
  for (const file of files) rmSync(file, { force: true });
  return files.length;
}

function lockFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(directory, name));
}

function findLocks(directory: string, own: string, onNote: (note: string) => void): Holder[] {
  const holders: Holder[] = [];
  for (const file of lockFiles(directory)) {
    if (file === own) continue;
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (!isGone(holder)) {
      holders.push(holder);
      continue;
    }
    rmSync(file, { force: true });
    onNote(`Removed the lock of process ${holder.pid}, which is no longer running (it began ${holder.timestamp}).`);
  }
  return holders;
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch (error) {
    // Gone meanwhile: no lock. Unreadable: somebody is about to hold it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return { pid: 0, username: "unknown", hostname: "unknown", timestamp: "an unknown time" };
  }
}

function isGone(holder: Holder): boolean {
  if (holder.hostname !== hostname() || holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  return holder.processStart !== undefined && holder.processStart !== processStart(holder.pid);
}

/** Field 22 of /proc/<pid>/stat; undefined where there is no /proc. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function write(directory: string, file: string): void {
  const start = processStart(process.pid);
  const holder: Holder = {
    pid: process.pid,
    username: userName(),
    hostname: hostname(),
    timestamp: new Date().toISOString(),
    ...(start === undefined ? {} : { processStart: start }),
  };
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, JSON.stringify(holder), { flag: "wx" });
  } catch (cause) {
    removeQuietly(file);
    throw stateWriteError(file, cause);
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

function refuse(holders: readonly Holder[]): void {
  if (holders.length === 0) return;
  const names = holders.map(
    (lock) => `process ${lock.pid} of ${lock.username}@${lock.hostname} since ${lock.timestamp}`,
  );
  throw new CdcError("CDC_STACK_LOCKED", `the stack is in use by ${names.join(", ")}`, {
    hint: "Wait for that run to end. If it is not running any more, remove its lock with `pulumi cancel` or Stack.cancel().",
  });
}
