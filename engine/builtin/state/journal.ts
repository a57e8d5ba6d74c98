import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { stateWriteError } from "./files";

/** First line of a journal: which checkpoint its changes are to be applied to. */
interface Header {
  readonly journal: 1;
  /** SHA-256 of the checkpoint file; empty when there was none. */
  readonly base: string;
}

/** One change of the state. Old resources are named by their index in the base, new ones by a number of their own. */
export interface JournalEntry {
  /** A new resource, or the newer state of one. */
  readonly new?: number;
  /** An old resource: replaced by `new`, rewritten as `resource`, or gone when neither is given. */
  readonly old?: number;
  /** The resource in checkpoint format. */
  readonly resource?: unknown;
  /** A URN that changed: references to the first mean the second. */
  readonly renamed?: readonly [string, string];
}

/**
 * Appends what happens, one line each, next to the checkpoint: a kill -9 loses nothing that was done, and nobody
 * rewrites a file of megabytes per resource. The file appears with the first change and goes with the next checkpoint.
 */
export class Journal {
  private descriptor: number | undefined;
  private broken = false;
  private unsynced = false;

  constructor(
    private readonly file: string,
    private readonly base: string,
  ) {}

  /** True once anything was written. */
  get used(): boolean {
    return this.descriptor !== undefined || this.broken;
  }

  /** Appends `{"new":…,"old":…,"resource":<json>}`. Throws `CdcError` when the disk refuses. */
  append(entry: Omit<JournalEntry, "resource">, resource?: string): void {
    const head = JSON.stringify(entry);
    if (resource === undefined) this.write(`${head}\n`);
    else this.write(`${head === "{}" ? "{" : `${head.slice(0, -1)},`}"resource":${resource}}\n`);
  }

  /** Makes what was appended survive a power failure. */
  sync(): void {
    if (this.descriptor === undefined || !this.unsynced) return;
    this.unsynced = false;
    fdatasyncSync(this.descriptor);
  }

  /** Closes the journal; `remove` when a checkpoint has everything. */
  close(remove: boolean): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    if (remove) rmSync(this.file, { force: true });
  }

  private write(line: string): void {
    // After a half-written line nothing may follow: it would be glued to the fragment.
    if (this.broken) throw stateWriteError(this.file, new Error("an earlier write failed"));
    try {
      this.descriptor ??= this.open();
      const bytes = Buffer.from(line);
      for (let written = 0; written < bytes.length;) written += writeSync(this.descriptor, bytes, written);
      this.unsynced = true;
    } catch (cause) {
      this.broken = true;
      throw stateWriteError(this.file, cause);
    }
  }

  private open(): number {
    mkdirSync(dirname(this.file), { recursive: true });
    const descriptor = openSync(this.file, "w", 0o600);
    const header: Header = { journal: 1, base: this.base };
    writeSync(descriptor, `${JSON.stringify(header)}\n`);
    return descriptor;
  }
}

/** What a run that did not end left behind. */
export interface Recovered {
  readonly entries: readonly JournalEntry[];
  /** True when the journal belongs to another checkpoint: somebody else wrote the state since. */
  readonly stale: boolean;
}

/** Reads a journal left by a crash; undefined when there is none. A last line that was cut off is ignored. */
export function readJournal(file: string, base: string): Recovered | undefined {
  if (!existsSync(file) || !statSync(file).isFile()) return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  const header = parseLine(lines[0] ?? "") as Partial<Header> | undefined;
  if (header?.journal !== 1 || header.base !== base) return { entries: [], stale: true };
  const entries: JournalEntry[] = [];
  for (const line of lines.slice(1)) {
    const entry = parseLine(line) as JournalEntry | undefined;
    if (entry === undefined) break;
    entries.push(entry);
  }
  return { entries, stale: false };
}

function parseLine(line: string): unknown {
  try {
    return line === "" ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}
