import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { CdcError } from "../../../lib/errors";
import { removeQuietly } from "../../../lib/generated-files";

/** Writes a whole file so that after any crash it holds the old or the new content, never a part. */
export function writeAtomically(file: string, content: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeThrough(draft, content);
    renameSync(draft, file);
    syncDirectory(dirname(file));
  } catch (cause) {
    removeQuietly(draft);
    throw stateWriteError(file, cause);
  }
}

/** A failed write to the state store, said in words. */
export function stateWriteError(file: string, cause: unknown): CdcError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const [reason, hint] = reasons[code] ?? [code || String(cause), "Check the state folder."];
  return new CdcError("CDC_STATE_WRITE", `the state cannot be written to ${file}: ${reason}`, { hint, cause });
}

const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ["the disk is full", "Free some space and run the command again: what was done is found and kept."],
  EDQUOT: ["the disk quota is used up", "Free some space and run the command again: what was done is found and kept."],
  EFBIG: ["a file may not grow that much", "Raise the limit of file sizes (ulimit -f) and run the command again."],
  EROFS: ["the file system is read-only", "Choose a writable state folder with --backend or PULUMI_BACKEND_URL."],
  EACCES: [
    "permission denied",
    "Give this user write access to the folder, or choose another with PULUMI_BACKEND_URL.",
  ],
  EPERM: ["permission denied", "Give this user write access to the folder, or choose another with PULUMI_BACKEND_URL."],
  ENOTDIR: ["a file is in the place of a folder", "Move that file away, or choose another folder."],
};

function writeThrough(file: string, content: string): void {
  const descriptor = openSync(file, "w", 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncDirectory(directory: string): void {
  // Windows cannot open a folder; its renames are durable enough.
  if (process.platform === "win32") return;
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
