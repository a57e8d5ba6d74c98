import { types } from "node:util";
import type { Paint } from "./paint";

/** An error as the user should see it. */
export interface Shown {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Only for bugs. */
  readonly stack?: string;
}

/** In characters; 50 problems of a configuration fit. */
const LONGEST_MESSAGE = 10_000;

const SYSTEM_REASONS: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ["permission denied", "Give this user the right to read and write there, or choose another folder."],
  EPERM: ["operation not permitted", "Give this user the right to read and write there, or choose another folder."],
  EROFS: ["the file system is read-only", "Choose a folder that can be written."],
  ENOSPC: ["the disk is full", "Free some space and run the command again."],
  EDQUOT: ["the disk quota is used up", "Free some space and run the command again."],
  ENOENT: ["no such file or folder", "Check the path, or change into the project's folder with -C."],
  ENOTDIR: ["a part of the path is not a folder", "Check the path."],
  EISDIR: ["it is a folder", "Name a file."],
  EMFILE: ["too many open files", "Raise `ulimit -n`."],
};

/** What to show for anything that was thrown: a CdcError as it is, a system error in words, all else as a bug. */
export function shown(error: unknown): Shown {
  return fromCdcError(error) ?? fromSystemError(error) ?? asBug(error);
}

/** The lines for a human, without a trailing newline. */
export function errorText(error: Shown, paint: Paint): string {
  const lines = [`${paint.red("error:")} ${shortened(error.message)}`];
  if (error.hint !== undefined) lines.push(`${paint.cyan("hint:")} ${error.hint}`);
  if (error.stack !== undefined)
    lines.push("This is a bug in cdc, not in what you did. Please report it with:", error.stack);
  return lines.join("\n");
}

/** A run of thousands of resources can fail in thousands of places: the first will do. */
function shortened(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  return `${message.slice(0, LONGEST_MESSAGE)} ... (and ${String(message.length - LONGEST_MESSAGE)} characters more)`;
}

function fromCdcError(error: unknown): Shown | undefined {
  // By shape, not instanceof: an error may come from a second copy of the package (a linked project).
  if (!isError(error) || !("code" in error) || typeof error.code !== "string") return undefined;
  if (!error.code.startsWith("CDC_")) return undefined;
  const hint = "hint" in error && typeof error.hint === "string" ? { hint: error.hint } : {};
  return { code: error.code, message: error.message, ...hint };
}

function fromSystemError(error: unknown): Shown | undefined {
  if (!isError(error) || !("syscall" in error) || !("code" in error)) return undefined;
  const reason = SYSTEM_REASONS[String(error.code)];
  if (reason === undefined) return undefined;
  const where = "path" in error ? String(error.path) : String(error.syscall);
  return { code: "CDC_SYSTEM", message: `${where}: ${reason[0]}`, hint: reason[1] };
}

function asBug(error: unknown): Shown {
  if (!isError(error)) return { code: "CDC_BUG", message: String(error), stack: new Error(String(error)).stack ?? "" };
  return { code: "CDC_BUG", message: error.message, stack: error.stack ?? error.message };
}

/** Also for errors of another realm. */
function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}
