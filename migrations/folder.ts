import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CdcError } from "../lib/errors";
import { MANIFEST_FILE, parseManifest } from "./manifest-file";
import { isIntact, parseFile, type MigrationFile } from "./migration-file";
import type { FileEntry, Manifest, ManualEntry } from "./migration-set";

/** Why a file can't be trusted. */
export interface FileFault {
  /** Path within the sink's folder. */
  readonly file: string;
  /** `edited`: it isn't what its own checksum says; `other`: intact, but not the version that the manifest lists. */
  readonly kind: "edited" | "other" | "missing";
}

/** A sink's folder as it is on disk. */
export interface MigrationFolder {
  /** Absolute path. */
  readonly directory: string;
  readonly manifest: Manifest;
  /** Files that the manifest lists and that are there, by path. */
  readonly files: ReadonlyMap<string, MigrationFile>;
  readonly faults: readonly FileFault[];
}

/** Names of the sinks that have a manifest, sorted; none when the folder isn't there. */
export function sinkFolders(migrations: string): string[] {
  const entries = entriesOf(migrations).filter((entry) => entry.isDirectory());
  const names = entries
    .map(({ name }) => name)
    .filter((name) => readIfThere(join(migrations, name, MANIFEST_FILE)) !== undefined);
  return names.sort();
}

/** Reads a sink's folder. Throws CdcError (CDC_NO_MIGRATIONS, CDC_MANIFEST_INVALID). */
export function readFolder(directory: string): MigrationFolder {
  const found = readFolderIfThere(directory);
  if (found !== undefined) return found;
  const hint = "Run `cdc manage-migrations generate` first, or name another folder with --migrations-dir.";
  throw new CdcError("CDC_NO_MIGRATIONS", `no ${MANIFEST_FILE} in ${directory}`, { hint });
}

/** The same; undefined when nothing was generated yet. */
export function readFolderIfThere(directory: string): MigrationFolder | undefined {
  const path = join(directory, MANIFEST_FILE);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const manifest = parseManifest(path, text.toString());
  const files = new Map<string, MigrationFile>();
  const faults: FileFault[] = [];
  for (const entry of listedFiles(manifest)) {
    const written = readIfThere(join(directory, entry.file));
    const file = written === undefined ? undefined : parseFile(entry.file, written);
    if (file !== undefined) files.set(entry.file, file);
    // Manual files are for people to write in.
    const kind = manifest.manual.includes(entry as ManualEntry) ? undefined : faultOf(entry, file);
    if (kind !== undefined) faults.push({ file: entry.file, kind });
  }
  return { directory, manifest, files, faults };
}

/** Every file that a manifest lists, in the order in which they are applied. */
export function listedFiles({ infrastructure, tables, removed, manual }: Manifest): FileEntry[] {
  const ofTables = [...tables, ...removed].flatMap(({ files, changes }) => [...files, ...changes]);
  return [...infrastructure, ...ofTables, ...manual];
}

function faultOf({ checksum }: FileEntry, file: MigrationFile | undefined): FileFault["kind"] | undefined {
  if (file === undefined) return "missing";
  if (!isIntact(file)) return "edited";
  return file.checksum === checksum ? undefined : "other";
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return undefined;
    if (code !== "EISDIR") throw error;
    const hint = "Remove the folder, then take the committed file back or run `cdc manage-migrations generate`.";
    throw new CdcError("CDC_MIGRATION_NO_FILE", `${path} is a folder, not a file`, { hint });
  }
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
