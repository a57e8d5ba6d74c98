import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/**
 * Writes a file so that a reader sees the old text or the new one; folders are made. When that fails nothing unfinished
 * stays, and the error names the file.
 */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.${String(process.pid)}.tmp`;
  try {
    writeWithFolders(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    removeQuietly(unfinished);
    // A full disk is told by the file handle, which knows no path.
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

function writeWithFolders(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Removes what a failed write may have left; that it cannot be removed either is no news: the error of the write says more. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}

/** Removes a file, and folders that are empty then, up to `root`. */
export function removeFile(root: string, file: string): void {
  rmSync(join(root, file), { force: true });
  for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(root, folder));
    } catch {
      return;
    }
  }
}

/** Text of a file; undefined when it isn't there. */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Files below a folder with `/`, sorted; none when it isn't there. */
export function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return entries
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(folder.length + 1)
          .split(sep)
          .join("/"),
      )
      .sort();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
