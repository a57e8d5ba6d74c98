import { memoryOf, type Memory } from "../../databases/sqlserver/rows/memory";
import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import { textOf, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import { parseLsn, type Lsn } from "../../model/lsn";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";
import { originText } from "../staging/metadata-encoder";
import { linePlan, type LineColumn } from "./line-plan";
import { LineWriter } from "./line-writer";
import { MetadataWriter } from "./metadata-writer";
import { isSameLsn, isSamePlace, LSN_BYTES, operationOf, POSITION_BYTES, writePosition } from "./position-bytes";
import { isBitSet, unknownOperation, unpaired } from "./text-changes";
import { TextCopier, type CopierParts } from "./text-copier";

const OPERATION = { delete: 1, insert: 2, before: 3, after: 4 } as const;

/** Makes staged lines of change rows, from bytes to bytes. */
export class ChangeTaker implements RowTaker {
  rows = 0;
  events = 0;
  transactions = 0;
  private readonly lastLsnBytes = memoryOf(Buffer.alloc(LSN_BYTES));
  private readonly lastPosition = memoryOf(Buffer.alloc(POSITION_BYTES));
  private columns: readonly RawColumn[] = [];
  private keys: readonly LineColumn[] = [];
  private writer: LineWriter | undefined;
  private before = keptRow(0);
  private isBeforeOpen = false;
  private readonly metadata: MetadataWriter;
  /** For updates that may change the key. */
  private readonly text: TextCopier;

  constructor(private readonly parts: CopierParts) {
    const { shape, origin } = parts;
    this.metadata = new MetadataWriter(originText(shape.source, origin, shape.source.database ?? ""));
    this.text = new TextCopier(parts);
  }

  begin(columns: readonly RawColumn[]): void {
    const { shape, sources, output } = this.parts;
    const plan = linePlan(shape, sources, columns, CHANGE_COLUMN.captured);
    this.columns = columns;
    this.keys = plan.filter(({ isKey, index }) => isKey && index >= 0);
    this.writer = new LineWriter(output, plan, this.metadata);
    this.before = keptRow(columns.length);
  }

  row(row: LocatedRow): void {
    const { metadata } = this;
    const operation = operationOf(row);
    writePosition(row, operation, metadata.position);
    this.transaction(metadata.position);
    if ((operation === OPERATION.after) !== this.isBeforeOpen) throw unpaired(this.parts.shape);
    if (operation === OPERATION.insert) {
      metadata.setOperation("Insert");
      this.writer?.full(row);
    } else if (operation === OPERATION.before) {
      this.keep(row);
      return;
    } else if (operation === OPERATION.after) {
      this.update(row);
    } else if (operation === OPERATION.delete) {
      metadata.setOperation("Delete");
      this.writer?.key(row);
    } else {
      throw unknownOperation(this.parts.shape, operation);
    }
    this.rows += 1;
    this.events += 1;
  }

  busy(): Promise<void> | undefined {
    return this.parts.output.busy();
  }

  /** @throws CdcError when an image before is left without its image after. */
  end(): void {
    if (this.isBeforeOpen) throw unpaired(this.parts.shape);
  }

  get lastLsn(): Lsn | undefined {
    return this.transactions === 0 ? undefined : parseLsn(this.lastLsnBytes.buffer.toString("hex"));
  }

  private transaction(position: Memory): void {
    const { lastLsnBytes } = this;
    if (this.transactions > 0 && isSameLsn(position, lastLsnBytes)) return;
    lastLsnBytes.buffer.set(position.buffer.subarray(0, LSN_BYTES));
    this.transactions += 1;
    this.metadata.begin(this.parts.times.at(lastLsnBytes.buffer, 0));
  }

  // Buffers of rows never change, so the bytes may stay where they are.
  private keep(row: LocatedRow): void {
    const { before, lastPosition } = this;
    before.buffer = row.buffer;
    before.view = row.view;
    before.size = row.size;
    before.starts.set(row.starts);
    before.ends.set(row.ends);
    lastPosition.buffer.set(this.metadata.position.buffer);
    this.isBeforeOpen = true;
  }

  private update(row: LocatedRow): void {
    const { metadata, text } = this;
    this.isBeforeOpen = false;
    if (!isSamePlace(metadata.position, this.lastPosition)) throw unpaired(this.parts.shape);
    if (!this.isKeySame(row)) {
      const before = text.rows;
      text.row(this.textsOf(this.before));
      text.row(this.textsOf(row));
      this.rows += text.rows - before - 1;
      return;
    }
    metadata.setOperation("Update");
    this.writer?.update(row, isSent);
  }

  private isKeySame(row: LocatedRow): boolean {
    const { before, keys } = this;
    for (const { index, maskOrdinal } of keys) {
      if (maskOrdinal > 0) return false;
      const start = row.starts[index] as number;
      const old = before.starts[index] as number;
      if (start < 0 || old < 0) {
        if (start === old) continue;
        return false;
      }
      const length = (row.ends[index] as number) - start;
      if (length < 0 || length !== (before.ends[index] as number) - old) return false;
      for (let at = 0; at < length; at += 1) if (row.buffer[start + at] !== before.buffer[old + at]) return false;
    }
    return true;
  }

  private textsOf(row: LocatedRow): (string | null)[] {
    return this.columns.map(({ read }, index) => textOf(read, row, index));
  }
}

/** A place for a row that is to outlive the next one. */
function keptRow(columns: number): { -readonly [K in keyof LocatedRow]: LocatedRow[K] } {
  return { ...memoryOf(Buffer.alloc(0)), size: 0, starts: new Int32Array(columns), ends: new Int32Array(columns) };
}

function isSent({ index, maskOrdinal, isSentUnlessNull }: LineColumn, row: LocatedRow): boolean {
  if (maskOrdinal === 0) return index >= 0;
  if (isSentUnlessNull && (row.starts[index] as number) >= 0) return true;
  const start = row.starts[CHANGE_COLUMN.mask] as number;
  return start >= 0 && isBitSet(row.buffer, start, row.ends[CHANGE_COLUMN.mask] as number, maskOrdinal);
}
