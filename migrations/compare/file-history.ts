import type { HistoryRow } from "../../databases/postgres/migration-history";
import type { HistoryEntry } from "../../sql/history";
import type { MigrationFolder } from "../folder";
import type { TableEntry } from "../migration-set";

/** A file of a table with what the history of one schema knows of it. */
export interface RecordedFile {
  readonly file: string;
  /** Of the text as it is. */
  readonly checksum: string;
  readonly category: Extract<HistoryEntry["category"], "table" | "change" | "staging">;
  /** Absent: never applied in this schema. */
  readonly row?: HistoryRow;
}

/** The rows of a history by file and schema. */
export type History = ReadonlyMap<string, HistoryRow>;

/** Looks rows up by {@link historyKey}. */
export function historyOf(rows: readonly HistoryRow[]): History {
  return new Map(rows.map((row) => [historyKey(row.file, row.schema), row]));
}

export function historyKey(file: string, schema: string | null): string {
  return `${schema ?? ""}\u0000${file}`;
}

/** The files of a table in the order in which they are applied: table, steps, staging. */
export function recordedFiles(
  history: History,
  folder: Pick<MigrationFolder, "files">,
  { files, changes }: TableEntry,
  schema: string,
): RecordedFile[] {
  const [table, staging] = files;
  const entries = [
    ...(table === undefined ? [] : [{ ...table, category: "table" as const }]),
    ...changes.map((change) => ({ ...change, category: "change" as const })),
    ...(staging === undefined ? [] : [{ ...staging, category: "staging" as const }]),
  ];
  return entries.map(({ file, category, ...listed }) => {
    const row = history.get(historyKey(file, schema));
    const checksum = folder.files.get(file)?.actual ?? listed.checksum;
    return { file, checksum, category, ...(row === undefined ? {} : { row }) };
  });
}

/** Whether the history has the file, in the version that the folder holds. */
export function isRecorded({ checksum, row }: RecordedFile): boolean {
  return row?.checksum === checksum;
}
