import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { CdcError } from "../../../lib/errors";

/** Where a run without a relay keeps how far it is. */
export class CheckpointFile {
  private readonly waiting: { readonly count: number; readonly state: unknown }[] = [];
  private takenCount = 0;

  constructor(private readonly path: string) {}

  /** What was written last; undefined at the first run. @throws CdcError `CDC_INPUT_CHECKPOINT`. */
  read(): unknown {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw failed(this.path, error);
    }
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw failed(this.path, error);
    }
  }

  /** To be written once so many lines were taken. */
  add(count: number, state: unknown): void {
    this.waiting.push({ count, state });
    this.taken(this.takenCount);
  }

  /** So many lines were taken: writes the newest state behind no more of them. */
  taken(count: number): void {
    this.takenCount = count;
    let newest: { readonly state: unknown } | undefined;
    while (this.waiting[0] !== undefined && this.waiting[0].count <= count) newest = this.waiting.shift();
    if (newest !== undefined) this.write(newest.state);
  }

  /** Whoever reads it finds the old text or the new one, after a loss of power, too. */
  private write(state: unknown): void {
    const unfinished = `${this.path}.tmp`;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      const file = openSync(unfinished, "w");
      try {
        writeSync(file, JSON.stringify(state));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, this.path);
    } catch (error) {
      throw failed(this.path, error);
    }
  }
}

function failed(path: string, cause: unknown): CdcError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CdcError("CDC_INPUT_CHECKPOINT", `checkpoint ${path} can't be used: ${why}`, {
    hint: "Make its folder writable; a file that is damaged has to be removed, and everything that is still captured is read again.",
    cause,
  });
}
