/** What a change did to its row. `Read` is a row of a snapshot. */
export type OperationType = "Insert" | "Update" | "Delete" | "Read";

/** Where a change comes from and what it did: docs/envelopes.md tells every key. */
export interface Metadata {
  readonly TableName: string;
  readonly OperationType: OperationType;
  /** Commit LSN, 20 hex digits. */
  readonly LSN?: string;
  readonly Schema?: string;
  readonly Database?: string;
  readonly Tenant?: string;
  /** 50 hex digits; decides alone which of two changes is newer. */
  readonly Position?: string;
  readonly [key: string]: unknown;
}

/** One change: a data line of the protocol. */
export interface Envelope {
  /** Values by column name. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Metadata;
}
