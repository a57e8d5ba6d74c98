import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CdcError } from "../../lib/errors";
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
export async function writePages(
  directory: string,
  pages: readonly Page[],
  within: readonly string[],
): Promise<WrittenPages> {
  const written: string[] = [];
  for (const page of pages) if (await writeChanged(directory, page)) written.push(page.path);
  const made = new Set(pages.map(({ path }) => path));
  const found = (await Promise.all(within.map((folder) => ours(directory, folder)))).flat();
  const orphans = found.filter((path) => !made.has(path)).sort();
  return { written: written.sort(), unchanged: pages.length - written.length, orphans };
}

async function writeChanged(directory: string, { path, text }: Page): Promise<boolean> {
  const file = join(directory, path);
  if ((await textOf(file)) === text) return false;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
    return true;
  } catch (cause) {
    const hint = "Choose another folder with --output-dir, or see to its permissions.";
    throw new CdcError("CDC_NOT_WRITABLE", `can't write ${file}: ${(cause as Error).message}`, { hint, cause });
  }
}

async function ours(directory: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(directory, folder), { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && /\.(md|yaml)$/.test(entry.name));
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1));
  const texts = await Promise.all(paths.map((path) => textOf(join(directory, path))));
  return paths
    .filter((_, index) => texts[index]?.slice(0, 200).includes(MADE_BY))
    .map((path) => path.replaceAll("\\", "/"));
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
