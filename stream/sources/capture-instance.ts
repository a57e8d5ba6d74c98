import type { Lsn } from "../../model/lsn";

/** A capture instance of a source table, as the server describes it. */
export interface CaptureInstance {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** Changes before it aren't there: where the instance began, or where cleanup has got to. */
  readonly startLsn: Lsn;
  readonly columns: readonly CapturedColumn[];
  /** Columns that the source table has now and the instance leaves out. */
  readonly uncaptured?: readonly UncapturedColumn[];
}

/** A source column without a place in the change table. */
export interface UncapturedColumn {
  readonly name: string;
  /** Its values never come: the log doesn't have them. */
  readonly isComputed: boolean;
}

/** A column of a change table. */
export interface CapturedColumn {
  /** Name in the change table: that of the source column when the instance was made. */
  readonly name: string;
  /** Name of the source column now; undefined when it was dropped. */
  readonly sourceName: string | undefined;
  /** Place in the update mask, from 1. */
  readonly ordinal: number;
  /** Type as SQL Server spells it, such as `decimal(8,2)` or `varchar(max)`. */
  readonly type: string;
  /** An ALTER may have made it small: before it, an update that left the column alone has NULL in its place. */
  readonly wasLarge?: boolean;
  /** The source column may be NULL now. */
  readonly nullable?: boolean;
}

/** A change of a captured table's definition, in the order of the log. */
export interface DdlEvent {
  readonly lsn: Lsn;
  readonly schema: string;
  readonly table: string;
  readonly command: string;
}
