import { CdcError } from "../../lib/errors";
import type { Envelope, EnvelopeRow } from "../../model/envelope";
import { packPosition, type Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";
import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import type { CapturedSource } from "./captured-sources";

/** A change as an envelope, with its place. */
export interface ChangeEvent {
  readonly envelope: Envelope;
  readonly position: Position;
}

const OPERATION = { delete: "1", insert: "2", before: "3", after: "4" } as const;

/** Makes events of change rows in exact text, as `selectChanges` gives them. */
export class ChangeEvents {
  private before: ExactRow | undefined;

  constructor(
    private readonly shape: TableShape,
    private readonly sources: readonly CapturedSource[],
    private readonly commitTimeOf: (lsn: string) => string | undefined,
  ) {}

  /** The event of the next row; undefined for an image before, which belongs to the row that follows. */
  next(row: ExactRow): ChangeEvent | undefined {
    const operation = row[CHANGE_COLUMN.operation];
    const { before } = this;
    this.before = undefined;
    if ((operation === OPERATION.after) !== (before !== undefined)) throw unpaired(this.shape);
    switch (operation) {
      case OPERATION.delete:
        return this.event(row, "Delete", this.known(row));
      case OPERATION.insert:
        return this.event(row, "Insert", this.all(row));
      case OPERATION.before:
        this.before = row;
        return undefined;
      case OPERATION.after:
        if (before === undefined || !isSamePlace(before, row)) throw unpaired(this.shape);
        return this.event(row, "Update", this.changed(row), this.known(before));
      default:
        throw unknownOperation(this.shape, operation);
    }
  }

  /** @throws CdcError when an image before is left without its image after. */
  end(): void {
    if (this.before !== undefined) throw unpaired(this.shape);
  }

  private event(
    row: ExactRow,
    OperationType: "Insert" | "Update" | "Delete",
    data: EnvelopeRow,
    Before?: EnvelopeRow,
  ): ChangeEvent {
    const lsn = (row[CHANGE_COLUMN.lsn] ?? "").slice(2);
    const position = packPosition({
      lsn,
      commandId: Number(row[CHANGE_COLUMN.commandId] ?? 0),
      seqval: (row[CHANGE_COLUMN.seqval] ?? "").slice(2),
      operation: Number(row[CHANGE_COLUMN.operation]),
    });
    const { source, tenant } = this.shape;
    const CommitTime = this.commitTimeOf(lsn);
    const metadata = {
      TableName: source.table,
      Schema: source.schema,
      OperationType,
      LSN: lsn,
      Position: position,
      ...(source.database === undefined ? {} : { Database: source.database }),
      ...(tenant === undefined ? {} : { Tenant: tenant }),
      ...(CommitTime === undefined ? {} : { CommitTime }),
      ...(Before === undefined ? {} : { Before }),
    };
    return { envelope: { data, metadata }, position };
  }

  private all(row: ExactRow): EnvelopeRow {
    return this.pick(row, () => true);
  }

  // A large column that is NULL in an image before may have had any value.
  private known(row: ExactRow): EnvelopeRow {
    return this.pick(row, ({ large, captured }, value) => value !== null || !(large || captured.wasLarge === true));
  }

  private changed(row: ExactRow): EnvelopeRow {
    const mask = Buffer.from((row[CHANGE_COLUMN.mask] ?? "").slice(2), "hex");
    return this.pick(row, ({ large, captured }, value) => {
      const isUncertain = large || (captured.wasLarge === true && value === null);
      return !isUncertain || isBitSet(mask, 0, mask.length, captured.ordinal);
    });
  }

  private pick(row: ExactRow, isKnown: (source: CapturedSource, value: string | null) => boolean): EnvelopeRow {
    const entries: [string, string | null][] = [];
    this.sources.forEach((source, index) => {
      const value = row[CHANGE_COLUMN.captured + index] ?? null;
      if (isKnown(source, value)) entries.push([source.source, value]);
    });
    return Object.fromEntries(entries);
  }
}

/** Whether the mask in these bytes has the column's bit. Its last byte has the bits of the first eight columns. */
export function isBitSet(bytes: Buffer, start: number, end: number, ordinal: number): boolean {
  const at = end - 1 - ((ordinal - 1) >> 3);
  return at >= start && ((bytes[at] ?? 0) & (1 << ((ordinal - 1) & 7))) !== 0;
}

function isSamePlace(one: ExactRow, other: ExactRow): boolean {
  const { lsn, commandId, seqval } = CHANGE_COLUMN;
  return one[lsn] === other[lsn] && one[commandId] === other[commandId] && one[seqval] === other[seqval];
}

/** An update of which the change table has one image only. */
export function unpaired({ source }: Pick<TableShape, "source">): CdcError {
  return new CdcError(
    "CDC_SOURCE_CHANGES_BROKEN",
    `the change table of ${source.schema}.${source.table} has an update with one image instead of two`,
    {
      hint: "Rows of the change table were deleted or changed by hand: copy the table anew (`snapshot: when_needed`).",
    },
  );
}

export function unknownOperation(
  { source }: Pick<TableShape, "source">,
  operation: number | string | null | undefined,
): CdcError {
  return new CdcError(
    "CDC_SOURCE_CHANGES_BROKEN",
    `the change table of ${source.schema}.${source.table} has a row with operation ${String(operation)}`,
    { hint: "Rows of the change table were changed by hand: copy the table anew (`snapshot: when_needed`)." },
  );
}
