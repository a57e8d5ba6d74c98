import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
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
  const paths = logPaths(directory);
  const [newest, ...older] = openAll(paths);
  const reader = new Follower(paths, newest);
  try {
    const lines = [...older.reverse().flatMap((file) => linesOf(wholeText(file))), ...linesOf(reader.read())];
    yield* tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
    while (follow === true && signal?.aborted !== true) {
      const record = readRecord(directory);
      const isOver = record === undefined || !isRunning(record);
      yield* linesOf(reader.read());
      if (isOver) return;
      await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  } finally {
    reader.close();
  }
}

/** Opens the log's files as they are at one moment, the newest first: again when another one was begun meanwhile. */
function openAll(paths: readonly string[]): (number | undefined)[] {
  for (;;) {
    const files = paths.map(openIfThere);
    const [newest] = files;
    if (inodeAt(paths[0]) === (newest === undefined ? 0 : fstatSync(newest).ino)) return files;
    for (const file of files) if (file !== undefined) closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** 0 when nothing is there. */
function inodeAt(path = ""): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

function wholeText(file: number | undefined): string {
  if (file === undefined) return "";
  const text = readFileSync(file, "utf8");
  closeSync(file);
  return text;
}

function linesOf(text: string): LogLine[] {
  return text.split("\n").flatMap((line) => (parseObject(line) as LogLine | undefined) ?? []);
}

/** Reads what was added to a log since the last time; when new files have taken its place, the rest of the old one first. */
class Follower {
  private inode = 0;
  private at = 0;
  private torn: Buffer = Buffer.alloc(0);

  /** @param file the newest one when it is there and open already */
  constructor(
    private readonly paths: readonly string[],
    private file: number | undefined,
  ) {
    if (file !== undefined) this.inode = fstatSync(file).ino;
  }

  /** Whole lines that are new. */
  read(): string {
    const parts = [this.torn, this.readOpen()];
    const current = inodeAt(this.paths[0]);
    if (current !== 0 && current !== this.inode) {
      // What was added before the next file was begun.
      parts.push(this.readOpen());
      for (const file of this.newer()) {
        this.close();
        this.goOn(file);
        parts.push(this.readOpen());
      }
    }
    const bytes = Buffer.concat(parts);
    const end = bytes.lastIndexOf("\n") + 1;
    this.torn = bytes.subarray(end);
    return bytes.toString("utf8", 0, end);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  /** The files after the one that is open, the oldest first. */
  private newer(): number[] {
    const files = openAll(this.paths).filter((file) => file !== undefined);
    const own = files.findIndex((file) => fstatSync(file).ino === this.inode);
    const count = own === -1 ? files.length : own;
    for (const file of files.slice(count)) closeSync(file);
    return files.slice(0, count).reverse();
  }

  private goOn(file: number): void {
    this.file = file;
    this.inode = fstatSync(file).ino;
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
