/** What a diff compares of a column; `type` is canonical. */
export interface ColumnShape {
  readonly type: string;
  readonly nullable: boolean;
  readonly default?: string;
}

/** Columns by name. Order carries no meaning. */
export type ColumnSet = Readonly<Record<string, ColumnShape>>;
