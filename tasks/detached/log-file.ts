import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

const NAME = "log.ndjson";
/** Bytes after which a new file is begun. */
const ROTATE_BYTES = 10 * 1024 * 1024;
/** Older files that are kept. */
const KEPT = 2;
const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 200;

/** Paths of a task's log, the newest first; not all of them need to be there. */
export function logPaths(directory: string): readonly string[] {
  return Array.from({ length: KEPT + 1 }, (_, age) => logPath(directory, age));
}

function logPath(directory: string, age: number): string {
  return join(directory, age === 0 ? NAME : `${NAME}.${age}`);
}

/** The log of a task: JSON lines, in files of about 10 MB. */
export class LogFile {
  private file: number;
  private size: number;
  private waiting = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly directory: string,
    private readonly rotateBytes: number = ROTATE_BYTES,
  ) {
    mkdirSync(directory, { recursive: true });
    this.file = openSync(logPath(directory, 0), "a", 0o600);
    this.size = fstatSync(this.file).size;
  }

  /** Adds a line; written at once when it matters, else within a moment. */
  add(line: object, matters: boolean): void {
    this.waiting += `${JSON.stringify(line)}\n`;
    if (matters || this.waiting.length >= FLUSH_BYTES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Writes what waits. Synchronously: a log must not pile up, and has to be written when the process ends, too. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting === "") return;
    const bytes = Buffer.from(this.waiting);
    this.waiting = "";
    if (this.size > 0 && this.size + bytes.length > this.rotateBytes) this.rotate();
    this.size += writeSync(this.file, bytes);
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  private rotate(): void {
    closeSync(this.file);
    for (let age = KEPT; age > 0; age--) renameIfThere(logPath(this.directory, age - 1), logPath(this.directory, age));
    this.file = openSync(logPath(this.directory, 0), "a", 0o600);
    this.size = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
