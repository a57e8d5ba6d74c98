import type { ChangeKind, Severity } from "../../model/diff";
import { NO_HAZARD, type Hazard } from "../../model/hazard";

/** Kinds of differences that a comparison of columns doesn't know. */
export type FileChangeKind =
  | ChangeKind
  | "SINK_REMOVED"
  | "SCHEMA_ADDED"
  | "SCHEMA_REMOVED"
  | "STAGING_CHANGED"
  | "GRANTS_CHANGED"
  | "MERGE_CHANGED"
  | "FILE_OUTDATED"
  | "FILE_EDITED"
  | "FILE_MISSING";

/** One difference between the configuration and the files. */
export interface FileChange {
  readonly kind: FileChangeKind;
  readonly severity: Severity;
  readonly sink: string;
  readonly service?: string;
  /** What it is about, such as `{{SCHEMA}}.Actor.Name`. */
  readonly object: string;
  readonly summary: string;
  readonly hazard: Hazard;
  readonly table?: string;
  /** Sink name of the column concerned. */
  readonly column?: string;
  /** Where the rows come from, while the configuration has the table. */
  readonly source?: { readonly schema: string; readonly table: string; readonly column?: string };
  /** Generated file concerned, within the sink's folder. */
  readonly file?: string;
}

/** Rules for SARIF, and the meaning of each kind. */
export const KINDS: Readonly<Record<FileChangeKind, string>> = {
  TABLE_ADDED: "A table is configured and has no files.",
  TABLE_REMOVED: "A table has files and is no longer configured; it is kept.",
  COLUMN_ADDED: "A column is configured and the files don't have it.",
  COLUMN_REMOVED: "The files have a column that is no longer configured; it is kept.",
  COLUMN_RENAMED: "A column has a declared new name.",
  COLUMN_TYPE_CHANGED: "A column has another type.",
  NULLABILITY_CHANGED: "A column becomes nullable, or NOT NULL.",
  DEFAULT_CHANGED: "A column has another default.",
  PRIMARY_KEY_CHANGED: "A table has another primary key.",
  RENAME_CANDIDATE: "A column goes while one of its type comes: a rename or a loss, which has to be answered.",
  SINK_REMOVED: "A sink has files and is no longer configured.",
  SCHEMA_ADDED: "A customer or a service has a new schema.",
  SCHEMA_REMOVED: "A schema is no longer configured; it is kept.",
  STAGING_CHANGED: "A staging table becomes logged, or unlogged.",
  GRANTS_CHANGED: "Another role loads and merges.",
  MERGE_CHANGED: "The merge, or where its values come from, changes.",
  FILE_OUTDATED: "A file would be written another way, without a change for the tables.",
  FILE_EDITED: "A generated file was edited by hand.",
  FILE_MISSING: "A generated file is gone.",
};

/** A difference that locks and loses nothing. */
export function harmless(change: Omit<FileChange, "hazard" | "severity">, severity: Severity = "info"): FileChange {
  return { ...change, severity, hazard: NO_HAZARD };
}
