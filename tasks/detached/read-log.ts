import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { textIfThere } from "../../lib/generated-files";
import { parseObject } from "../protocol/json-object";
import { logPaths } from "./log-file";
import type { LogLine } from "./log-line";
import { isRunning, readRecord } from "./run-record";

const LOOK_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/** What to read of a task's log. */
export interface LogOptions {
  /** How many lines from the end; all when absent. */
  readonly tail?: number;
  /** Go on with the lines that come, until the run is over. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** The lines of a task's log, the oldest first. */
export async function* readLog(directory: string, { tail, follow, signal }: LogOptions): AsyncGenerator<LogLine> {
  const path = logPaths(directory)[0] as string;
  const reader = new Follower(path);
  const now = reader.read();
  const older = logPaths(directory).slice(1).reverse();
  const lines = older.flatMap((one) => linesOf(textIfThere(one) ?? "")).concat(linesOf(now));
  yield* tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  while (follow === true && signal?.aborted !== true) {
    const record = readRecord(directory);
    const isOver = record === undefined || !isRunning(record);
    yield* linesOf(reader.read());
    if (isOver) return;
    await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

function linesOf(text: string): LogLine[] {
  return text.split("\n").flatMap((line) => (parseObject(line) as LogLine | undefined) ?? []);
}

/** Reads what was added to a file since the last time; when a new file has taken its place, the rest of the old one first. */
class Follower {
  private file: number | undefined;
  private inode = 0;
  private at = 0;
  private torn: Buffer = Buffer.alloc(0);

  constructor(private readonly path: string) {}

  /** Whole lines that are new. */
  read(): string {
    const parts = [this.torn, this.readOpen()];
    const current = statSync(this.path, { throwIfNoEntry: false })?.ino ?? 0;
    if (current !== 0 && current !== this.inode) {
      this.reopen();
      parts.push(this.readOpen());
    }
    const bytes = Buffer.concat(parts);
    const end = bytes.lastIndexOf("\n") + 1;
    this.torn = bytes.subarray(end);
    return bytes.toString("utf8", 0, end);
  }

  private reopen(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = openSync(this.path, "r");
    this.inode = fstatSync(this.file).ino;
    this.at = 0;
  }

  private readOpen(): Buffer {
    const chunks: Buffer[] = [];
    while (this.file !== undefined) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const length = readSync(this.file, chunk, 0, CHUNK_BYTES, this.at);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      this.at += length;
    }
    return Buffer.concat(chunks);
  }
}
