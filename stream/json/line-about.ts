import type { EnvelopeMetadata, OperationType } from "../../model/envelope";

/** Version of the envelopes that are written here. */
export const ENVELOPE_VERSION = 1;

/** What the lines of one table have in common. */
export interface LineAbout {
  readonly schema: string;
  readonly table: string;
  readonly database: string;
  readonly tenant?: string;
  /** Columns of the primary key; absent when the table has none, or not all of them are read. */
  readonly key?: readonly string[];
}

/** Keys of the metadata in their order, up to the place in the log. */
export function headOf(about: LineAbout, OperationType: OperationType): Partial<EnvelopeMetadata> {
  const { schema: Schema, table: TableName, database: Database, tenant } = about;
  return { TableName, Schema, Database, ...(tenant === undefined ? {} : { Tenant: tenant }), OperationType };
}

/** Keys of the metadata behind the place in the log. */
export function tailOf({ key }: LineAbout): Partial<EnvelopeMetadata> {
  return { ...(key === undefined ? {} : { Key: key }), Version: ENVELOPE_VERSION };
}
