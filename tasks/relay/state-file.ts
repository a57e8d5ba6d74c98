import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import type { StateStore } from "./state-store";
import { parseObject } from "../protocol/json-object";

const NAME = "state.json";

/** The state of a task in a file: either the old or the new one, whatever happens. */
export class StateFile implements StateStore {
  private readonly path: string;

  /**
   * @param directory the task's own folder
   * @param provider whose state it is: another input can't go on from it
   */
  constructor(
    private readonly directory: string,
    private readonly provider: string,
  ) {
    this.path = join(directory, NAME);
  }

  /** The stored state; undefined when there is none. */
  async read(): Promise<unknown> {
    const text = await this.text();
    if (text === undefined) return undefined;
    const found = parseObject(text);
    if (found === undefined || !("state" in found)) throw this.unusable("it can't be read");
    if (found["provider"] !== this.provider) {
      throw this.unusable(
        `it is that of the input ${String(found["provider"])}, and the task reads from ${this.provider} now`,
      );
    }
    return found["state"];
  }

  /** Resolves when the state has reached the disk. */
  async write(state: unknown): Promise<void> {
    const content = { version: 1, provider: this.provider, storedAt: new Date().toISOString(), state };
    await mkdir(this.directory, { recursive: true });
    await writeDurably(`${this.path}.tmp`, `${JSON.stringify(content)}\n`);
    await rename(`${this.path}.tmp`, this.path);
    await syncFolder(this.directory);
  }

  private async text(): Promise<string | undefined> {
    try {
      return await readFile(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  private unusable(why: string): CdcError {
    const hint = "Remove the file when the input should begin anew.";
    return new CdcError("CDC_TASK_STATE", `${this.path}: the stored state can't be used: ${why}`, { hint });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the new name survives, too. Folders can't be opened everywhere; where they can't, the name is safe anyhow. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!["EISDIR", "EPERM", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
