import { readFileSync } from "node:fs";

/** Clock ticks per second in /proc, the same on every Linux. */
const TICKS = 100;

/** Seconds of processor time of a process so far; not a number where /proc is absent. */
export function processSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name before may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return Number.NaN;
  }
}
