/** Kind of change, as every wire spells it. */
export type OperationType = "Insert" | "Update" | "Delete" | "Read";

/**
 * Column values by source column name: SQL Server's text form, or a JSON scalar; null is NULL. Numbers beyond 15 digits
 * are sent as text. Binary values (hierarchyid, geometry and geography too) are hex, with or without `0x`, or base64
 * behind `base64:`. Times have all their digits, datetimeoffset its offset. A column that is absent is unchanged in an
 * update and NULL in an insert or read.
 */
export type EnvelopeRow = Readonly<Record<string, string | number | boolean | null>>;

/** One change event on the wire: a line of NDJSON. */
export interface Envelope {
  readonly data: EnvelopeRow;
  readonly metadata: EnvelopeMetadata;
}

export interface EnvelopeMetadata {
  readonly TableName: string;
  readonly OperationType: OperationType;
  /** Commit LSN, 20 hex digits (with or without 0x). */
  readonly LSN: string;
  readonly Schema?: string;
  readonly Database?: string;
  readonly Tenant?: string;
  /** 50 hex digits; see {@link ./position}. Without it: LSN, CommandId, SeqVal, else the line's place in its LSN. */
  readonly Position?: string;
  readonly CommandId?: number;
  readonly SeqVal?: string;
  /** ISO 8601. */
  readonly CommitTime?: string;
  readonly TransactionId?: string;
  /** Of a read: the copy that it belongs to. A copy that was interrupted gives out some rows twice, not the copy's id. */
  readonly SnapshotId?: string;
  /**
   * Row before an update or delete; may hold the key alone. With it an update that changes the key is told from one
   * that doesn't. It leaves out what it doesn't know: a `(max)` column that the change tables give as NULL.
   */
  readonly Before?: EnvelopeRow;
  /** Of the envelope's form; 1. */
  readonly Version?: number;
  /** Columns of the primary key in key order; who orders by key needs them. */
  readonly Key?: readonly string[];
}
