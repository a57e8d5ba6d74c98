import { readdirSync, readFileSync } from "node:fs";

/** States of a thread that has nothing to do: it sleeps, is idle, or is over. */
const ASLEEP = /^[SIZX]$/;

/**
 * Whether all threads of a process, and of what it has started, wait for something: then it has taken what it was
 * given, however slow the machine is. Undefined where the system doesn't tell.
 */
export function isAsleep(pid: number): boolean | undefined {
  if (process.platform !== "linux") return undefined;
  return threadsOf(pid).every((thread) => sleeps(thread) && childrenOf(thread).every((child) => isAsleep(child)));
}

function threadsOf(pid: number): string[] {
  const folder = `/proc/${String(pid)}/task`;
  return unlessGone(() => readdirSync(folder).map((thread) => `${folder}/${thread}`), []);
}

/** The state comes after the name, which is in brackets and may hold any character. */
function sleeps(thread: string): boolean {
  const text = unlessGone(() => readFileSync(`${thread}/stat`, "utf8"), ") X");
  return ASLEEP.test(text[text.lastIndexOf(")") + 2] ?? "");
}

function childrenOf(thread: string): number[] {
  const text = unlessGone(() => readFileSync(`${thread}/children`, "utf8"), "");
  return text.split(" ").filter(Boolean).map(Number);
}

function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
