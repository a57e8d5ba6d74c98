/** What a Bloblang mapping makes of a row. */
export type MappingKind =
  /** A value for one column. */
  | "conditional_column"
  /** A list of rows in the place of one. */
  | "row_multiplier"
  /** Whether the row reaches the sink. */
  | "filter";

/** A mapping of rows that a pipeline document runs; the native path cannot. */
export interface Mapping {
  readonly kind: MappingKind;
  /** Before Kafka, or behind it. */
  readonly stage: "source" | "sink";
  /** As the configuration names it: the reference, or `column <name>`. */
  readonly name: string;
  /** Bloblang; `this` is the row by source column names. Absent: its file was not found. */
  readonly text?: string;
  /** Sink column of a conditional_column. */
  readonly output?: string;
}
