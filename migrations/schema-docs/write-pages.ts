import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { filesBelow, textIfThere, writeWhole } from "../../lib/generated-files";
import { MADE_BY } from "./markdown";
import type { Page } from "./pages";

/** What writing pages did. Paths are from the output folder, sorted. */
export interface WrittenPages {
  readonly written: readonly string[];
  readonly unchanged: number;
  /** Pages of ours that nothing makes any more: left where they are. */
  readonly orphans: readonly string[];
}

/**
 * Writes the pages whose text has changed.
 * @param within folders, from the output folder, that were made anew as a whole: where orphans are looked for
 * Throws CdcError (CDC_NOT_WRITABLE) where the disk says no.
 */
export function writePages(directory: string, pages: readonly Page[], within: readonly string[]): WrittenPages {
  const written = pages.filter((page) => writeChanged(directory, page)).map(({ path }) => path);
  const made = new Set(pages.map(({ path }) => path));
  const found = within.flatMap((folder) => ours(directory, folder));
  const orphans = found.filter((path) => !made.has(path)).sort();
  return { written: written.sort(), unchanged: pages.length - written.length, orphans };
}

function writeChanged(directory: string, { path, text }: Page): boolean {
  const file = join(directory, path);
  try {
    if (textIfThere(file) === text) return false;
    writeWhole(file, text);
    return true;
  } catch (cause) {
    const hint = "Choose another folder with --output-dir, or see to its permissions.";
    throw new CdcError("CDC_NOT_WRITABLE", `can't write ${file}: ${(cause as Error).message}`, { hint, cause });
  }
}

/** Pages that an earlier run made: those that say so at their beginning. */
function ours(directory: string, folder: string): string[] {
  const pages = filesBelow(join(directory, folder)).filter((file) => /\.(md|yaml)$/.test(file));
  const paths = pages.map((file) => (folder === "" ? file : `${folder}/${file}`));
  return paths.filter((path) => textIfThere(join(directory, path))?.slice(0, 200).includes(MADE_BY));
}
