import type { TableLock } from "../../model/hazard";
import type { TableHints } from "../../model/table-hints";

/** A table as one version of a configuration has it; `Id bigint` is the key when nothing else is said. */
export interface TableVersion {
  /** Columns besides `Id`, each `<type>[ not null][ default <expression>]`. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly key?: readonly string[];
  readonly hints?: TableHints;
  /** The application role that reads it. */
  readonly role?: boolean;
  readonly logged?: boolean;
  readonly allowDrop?: boolean;
  readonly targetExists?: boolean;
  readonly onDelete?: "hard" | "soft";
}

/** What is there besides the configuration's version: found by a look at the table. */
export interface FoundDrift {
  readonly sql: string;
  readonly unexpected?: readonly string[];
  readonly kept?: readonly string[];
  readonly index?: false;
  readonly lostMetadata?: string;
}

/** One change that cdc can make. */
export interface HazardCase {
  readonly title: string;
  /** Rules of other tools that warn of it. */
  readonly rules?: readonly string[];
  /** Whose plan it is; default the final table. */
  readonly object?: "table" | "staging" | "procedure" | "schema" | "management";
  readonly from?: TableVersion;
  readonly to?: TableVersion;
  /** The table holds no row. */
  readonly empty?: true;
  readonly drift?: FoundDrift;
  /** What was there before is known by name or hash alone, so the plan tells of the worst. */
  readonly unknown?: true;
  /** PostgreSQL 15 takes a weaker lock, which like the stronger one keeps nobody waiting. */
  readonly on15?: TableLock;
  /** Values of the column V instead of a small one of its type, as SQL. */
  readonly value?: string;
}

/** A table with a column V besides its key. */
export const V = (spec: string): TableVersion => ({ columns: { V: spec } });
