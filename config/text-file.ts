import { lstatSync, readFileSync, statSync, type Stats } from "node:fs";

/** Larger files are refused: they are no configuration, and parsing would take seconds. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** What reading a file gave: its text, or why there is none. */
export type FileText = { readonly text: string } | { readonly fault: string; readonly hint: string };

/** Reads a regular file of UTF-8, with or without a byte order mark. Undefined when it isn't there. Never throws. */
export function readTextFile(path: string): FileText | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? brokenLink(path) : (refusal(stats) ?? decoded(readFileSync(path)));
  } catch (error) {
    return faultOf(error);
  }
}

function brokenLink(path: string): FileText | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return { fault: "is a symbolic link to a file that does not exist", hint: "mend or remove the link" };
}

function refusal(stats: Stats): FileText | undefined {
  if (stats.isDirectory()) return { fault: "is a folder, not a file", hint: "put a YAML file in its place" };
  if (!stats.isFile()) return { fault: "is no ordinary file", hint: "put a YAML file in its place" };
  if (stats.size <= MAX_FILE_BYTES) return undefined;
  const fault = `is ${(stats.size / 1024 / 1024).toFixed(1)} MB; at most ${String(MAX_FILE_BYTES / 1024 / 1024)} MB are read`;
  return { fault, hint: "split it, or see whether it is the right file" };
}

function decoded(bytes: Buffer): FileText {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return { fault: "is written in UTF-16", hint: "save it as UTF-8" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { fault: "is not written in UTF-8", hint: "save it as UTF-8" };
  }
}

function faultOf(error: unknown): FileText {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ELOOP")
    return { fault: "is a symbolic link that leads back to itself", hint: "mend or remove the link" };
  if (code === "EACCES" || code === "EPERM")
    return { fault: "cannot be read: permission denied", hint: "let this user read it" };
  return {
    fault: `cannot be read (${code ?? "unknown error"})`,
    hint: "see whether the file and its disk are in order",
  };
}
