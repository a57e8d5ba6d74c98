import { join } from "node:path";
import { CdcError } from "../lib/errors";
import { nearestWord } from "../model/nearest-word";
import { listedFiles, readFolder, type MigrationFolder } from "./folder";
import { removeFile, writeWhole } from "../lib/generated-files";
import { MANIFEST_FILE, renderManifest } from "./manifest-file";
import type { Manifest, ManualEntry } from "./migration-set";

/** What was resolved, and what a person has yet to do in that sink. */
export interface Resolved {
  readonly sink: string;
  readonly file: string;
  readonly removed: readonly string[];
  readonly left: readonly string[];
}

/**
 * Takes a manual file out of its sink's folder: a person made the change, or decided against it. With the file of a
 * removed table go the table's other files. Nothing is done to a database.
 * @param directories folders of the sinks
 * @param file path within a sink's folder, or any longer path that ends in it
 */
export function resolveManual(directories: readonly string[], file: string): Resolved {
  const folders = directories.map((directory) => readFolder(directory));
  const all = folders.flatMap((folder) => folder.manifest.manual.map((entry) => ({ folder, entry })));
  const wanted = file.split("\\").join("/");
  const found = all.filter(({ entry }) => wanted === entry.file || wanted.endsWith(`/${entry.file}`));
  const own = found.length < 2 ? found : found.filter(({ folder }) => wanted.includes(folder.manifest.sink.name));
  const [one, ...others] = own.length === 0 ? found : own;
  if (one === undefined)
    throw unknown(
      file,
      all.map(({ entry }) => entry.file),
    );
  if (others.length > 0)
    throw ambiguous(
      file,
      found.map(({ folder }) => folder.manifest.sink.name),
    );
  return take(one.folder, one.entry);
}

function take({ directory, manifest }: MigrationFolder, entry: ManualEntry): Resolved {
  const next = without(manifest, entry);
  const listed = new Set(listedFiles(next).map(({ file }) => file));
  const removed = listedFiles(manifest)
    .map(({ file }) => file)
    .filter((file) => !listed.has(file));
  writeWhole(join(directory, MANIFEST_FILE), renderManifest(next));
  for (const file of removed) removeFile(directory, file);
  return { sink: manifest.sink.name, file: entry.file, removed, left: next.manual.map(({ file }) => file) };
}

/** A column that was dropped stays among those kept: what makes it again looks whether it is there. */
function without(manifest: Manifest, entry: ManualEntry): Manifest {
  const manual = manifest.manual.filter((one) => one !== entry);
  if (entry.reason !== "table-removed") return { ...manifest, manual };
  const isTable = (one: Pick<ManualEntry, "service" | "schema" | "table">) =>
    one.service === entry.service && one.schema === entry.schema && one.table === entry.table;
  return {
    ...manifest,
    removed: manifest.removed.filter((one) => !isTable(one)),
    manual: manual.filter((one) => !isTable(one)),
  };
}

function unknown(file: string, known: readonly string[]): CdcError {
  const near = nearestWord(file, known);
  const list = known.length === 0 ? "Nothing waits for a person." : `There are:\n${known.join("\n")}`;
  return new CdcError("CDC_NO_MANUAL_FILE", `no manual file ${file}`, {
    hint: near === undefined ? list : `Did you mean ${near}?`,
  });
}

function ambiguous(file: string, sinks: readonly string[]): CdcError {
  const hint = "Say which with --sink.";
  return new CdcError("CDC_NO_MANUAL_FILE", `${file} is in the folders of ${sinks.join(" and ")}`, { hint });
}
