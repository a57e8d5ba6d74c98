import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, told apart from all that had or will have its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in whatever form the system tells it; empty where it doesn't. */
  readonly startedAt: string;
  /** Where its number counts: the machine since its last start, and the container. */
  readonly machine: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid);
}

/** A process that lives now. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid) ?? "", machine: ownMachine() };
}

/** Whether a process lives, also when it is stopped; undefined when that can't be told from here. */
export function isAlive({ pid, startedAt, machine }: ProcessIdentity): boolean | undefined {
  if (machine !== ownMachine()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return now === undefined || startedAt === "" ? true : now === startedAt;
}

let machine: string | undefined;

function ownMachine(): string {
  machine ??= [
    hostOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? hostname(),
    hostOf(() => readlinkSync("/proc/self/ns/pid")) ?? "",
  ].join(" ");
  return machine;
}

/** Undefined where the system doesn't tell; empty for a process that has ended and was not waited for. */
function startOf(pid: number): string | undefined {
  if (process.platform === "linux") return hostOf(() => startInStat(readFileSync(`/proc/${String(pid)}/stat`, "utf8")));
  if (process.platform === "win32") return undefined;
  return hostOf(() => execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim());
}

/** The name before may hold anything, blanks and brackets too. */
function startInStat(stat: string): string {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start = ""] = [fields[0], fields[19]];
  return state === "Z" || state === "X" ? "" : start;
}

function hostOf(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
