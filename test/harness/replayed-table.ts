import type { Envelope, EnvelopeRow } from "../../model/envelope";

/** Rows by the text of their key. */
export type TableRows = ReadonlyMap<string, EnvelopeRow>;

/** Applies events to the rows of a table, in the order in which they come, as a sink does. */
export class ReplayedTable {
  private readonly byKey = new Map<string, EnvelopeRow>();

  constructor(private readonly key: readonly string[] = ["id"]) {}

  get rows(): TableRows {
    return this.byKey;
  }

  /** Throws when the event doesn't fit the rows: an insert of a row that is there, a change of one that isn't. */
  apply({ data, metadata: { OperationType, Before } }: Envelope): void {
    if (OperationType === "Insert") {
      this.insert(data);
      return;
    }
    const old = this.keyOf(OperationType === "Delete" ? data : { ...data, ...Before });
    const row = this.byKey.get(old);
    if (row === undefined) throw new Error(`${OperationType} of a row that isn't there: ${old}`);
    this.byKey.delete(old);
    if (OperationType === "Update") this.insert({ ...row, ...data });
  }

  private insert(row: EnvelopeRow): void {
    const key = this.keyOf(row);
    if (this.byKey.has(key)) throw new Error(`a row is there already: ${key}`);
    this.byKey.set(key, row);
  }

  private keyOf(row: EnvelopeRow): string {
    return JSON.stringify(this.key.map((name) => row[name]));
  }
}
