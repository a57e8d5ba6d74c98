import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { CdcConfigError } from "../config-error";
import { ConfigFolder, type EditedFiles } from "../config-folder";
import type { FileKind } from "../schema-check";
import { readTextFile } from "../text-file";
import { commentsLeft, editYaml } from "./edit-yaml";
import type { YamlStep } from "./yaml-step";

/** A file before and after an edit; undefined where it isn't there. */
export interface FileChange {
  /** From the configuration's folder. */
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A configuration folder with changes that are not written yet. */
export class EditedFolder {
  /** Words for the user about what was or wasn't done. */
  readonly notes: string[] = [];
  private readonly files = new Map<string, string | undefined>();

  constructor(readonly directory: string) {}

  /** Files as they would be. */
  get edited(): EditedFiles {
    return this.files;
  }

  /** Content of a file as written, variables left alone; undefined when it isn't there. Throws CdcConfigError when it is wrong. */
  read<T>(file: string, kind: FileKind): T | undefined {
    const folder = new ConfigFolder(this.directory, {}, this.files);
    const value = folder.readAsWritten<T>(file, kind);
    if (folder.problems.length > 0) throw new CdcConfigError(this.directory, folder.problems);
    return value;
  }

  /** Names in a folder of the configuration, sorted. */
  list(folder: string): string[] {
    return new ConfigFolder(this.directory, {}, this.files).list(folder);
  }

  /** Text of a file without byte order mark; undefined when it isn't there. */
  text(file: string): string | undefined {
    return this.files.has(file) ? this.files.get(file) : this.textOnDisk(file);
  }

  /**
   * Makes changes in a file, or the file; notes comments that stay above what goes.
   * Throws CdcError (CDC_EDIT_UNSAFE) naming the file when a change can't be made alone.
   */
  edit(file: string, steps: readonly YamlStep[]): void {
    for (const step of steps) {
      const before = this.text(file) ?? "";
      const after = inFile(file, () => editYaml(before, step));
      const left = step.op === "remove" ? commentsLeft(before, after, step.path) : [];
      if (left.length > 0) this.notes.push(`${file}: the comment above stays: ${left.join(" ")}`);
      this.files.set(file, after);
    }
  }

  /** Puts a whole text in a file's place. */
  replace(file: string, text: string): void {
    this.files.set(file, text);
  }

  /** Takes a file away. */
  remove(file: string): void {
    this.files.set(file, undefined);
  }

  /** Files that differ from those on disk. */
  changes(): FileChange[] {
    const all = [...this.files].map(([file, after]) => ({ file, before: this.textOnDisk(file), after }));
    return all.filter(({ before, after }) => before !== after);
  }

  private textOnDisk(file: string): string | undefined {
    const content = readTextFile(join(this.directory, file));
    if (content === undefined || "text" in content) return content?.text;
    throw new CdcConfigError(this.directory, [
      { file, key: "", text: `the file ${content.fault}`, hint: content.hint },
    ]);
  }
}

function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    const { code, message, hint } = error;
    throw new CdcError(code, `${file}: ${message}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}
