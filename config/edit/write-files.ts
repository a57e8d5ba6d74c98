import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CdcError } from "../../lib/errors";
import { readTextFile } from "../text-file";
import type { FileChange } from "./edited-folder";

/**
 * Writes the changes: each file whole or not at all, with its permissions and byte order mark, through a link to
 * what it leads to. Throws CdcError (CDC_EDIT_CHANGED) before anything is written when a file on disk is no longer
 * what the edit began with.
 */
export function writeChanges(directory: string, changes: readonly FileChange[]): void {
  const other = changes.find(({ file, before }) => !isStill(join(directory, file), before));
  if (other !== undefined) throw changedMeanwhile(other.file);
  const prepared = changes.map(({ file, after }) => ({ path: target(join(directory, file)), after }));
  const written = prepareAll(prepared);
  for (const { path, temporary } of written) {
    if (temporary === undefined) rmSync(path);
    else renameSync(temporary, path);
  }
}

interface Prepared {
  readonly path: string;
  /** Absent for a file that goes. */
  readonly temporary?: string;
}

/** Writes all new texts beside their places; when one can't be written none is left there. */
function prepareAll(changes: readonly { readonly path: string; readonly after: string | undefined }[]): Prepared[] {
  const done: Prepared[] = [];
  try {
    for (const { path, after } of changes)
      done.push(after === undefined ? { path } : { path, temporary: prepare(path, after) });
    return done;
  } catch (error) {
    for (const { temporary } of done) if (temporary !== undefined) rmSync(temporary, { force: true });
    throw error;
  }
}

function isStill(path: string, before: string | undefined): boolean {
  const content = readTextFile(path);
  return content === undefined ? before === undefined : "text" in content && content.text === before;
}

function target(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
}

/** Writes a file beside its place and makes sure that it is on the disk. */
function prepare(path: string, text: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  const mark = stats !== undefined && startsWithMark(path) ? "\ufeff" : "";
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${String(process.pid)}.tmp`;
  const file = openSync(temporary, "w", stats === undefined ? 0o666 : 0o600);
  try {
    writeFileSync(file, mark + text);
    if (stats !== undefined) fchmodSync(file, stats.mode & 0o7777);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return temporary;
}

function startsWithMark(path: string): boolean {
  return readFileSync(path)
    .subarray(0, 3)
    .equals(Buffer.from([0xef, 0xbb, 0xbf]));
}

function changedMeanwhile(file: string): CdcError {
  return new CdcError("CDC_EDIT_CHANGED", `${file} was changed by somebody else meanwhile; nothing was written`, {
    hint: "Run the command again.",
  });
}
