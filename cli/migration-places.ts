import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { TablePlaces } from "../config/table-places";
import type { FileChange } from "../migrations/diff/file-change";
import type { SarifPlace } from "../migrations/diff/sarif";
import { sinkDirectory } from "../migrations/generate/generate";
import type { MigrationFolders } from "./migration-inputs";

/**
 * Finds the line that a difference is about: of the schema YAML for a column that is wanted, of the SQL file for what
 * only files have, else of the table's entry in its service. Paths are relative to the repository.
 */
export function placesOf(folders: MigrationFolders): (change: FileChange) => SarifPlace {
  const root = repositoryOf(folders.configuration);
  const places = new TablePlaces(folders.configuration);
  const uri = (path: string) => relative(root, path).split(sep).join("/");
  return (change) => {
    const written = inFile(change, folders);
    if (written !== undefined) return { uri: uri(written.path), line: written.line };
    const { service = "", sink, table = "", source } = change;
    const column = source?.column;
    const found =
      (source === undefined || column === undefined ? undefined : places.column(service, { ...source, column })) ??
      places.table(service, sink, table);
    return { uri: uri(join(folders.configuration, found.file)), line: found.line };
  };
}

const IN_FILES = new Set<FileChange["kind"]>([
  "COLUMN_REMOVED",
  "TABLE_REMOVED",
  "FILE_OUTDATED",
  "FILE_EDITED",
  "SINK_REMOVED",
]);

/** The line in a generated file, for what the configuration no longer says. */
function inFile(change: FileChange, { migrations }: MigrationFolders): { path: string; line: number } | undefined {
  const file =
    change.service === undefined || change.table === undefined ? (change.file ?? "manifest.yaml") : change.file;
  if (file === undefined || (change.service !== undefined && !IN_FILES.has(change.kind))) return undefined;
  const path = join(sinkDirectory(migrations, change.sink), file);
  return { path, line: existsSync(path) ? lineIn(path, change.column) : 1 };
}

/** The line of a column, else of the first statement. */
function lineIn(path: string, column: string | undefined): number {
  const lines = readFileSync(path, "utf8").split("\n");
  const quoted = column === undefined ? undefined : `  "${column.replaceAll('"', '""')}" `;
  const line = lines.findIndex((text) => (quoted === undefined ? /^CREATE /.test(text) : text.startsWith(quoted)));
  return line < 0 ? 1 : line + 1;
}

/** The folder that holds `.git`, else the given one. */
function repositoryOf(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return directory;
  }
}
