import { AT } from "../cdc/change-table";
import { LSN_LENGTH } from "../storage/lsn";
import { UnpackedRow, type PackedRows } from "../storage/packed-rows";
import type { Row } from "../storage/row";
import type { Table } from "../storage/table";
import { shareCells, sharedCellsOf } from "../values/shared-cells";
import type { Value, Values } from "../values/value";
import type { RowMaker } from "./row-maker";

/** Rows of a full block. */
const ROWS = 512;

/** Places in a record: what differs from change row to change row besides the image. The mask comes last. */
export const RECORD = { lsn: 0, seqval: LSN_LENGTH, command: 2 * LSN_LENGTH, operation: 24, mask: 25 } as const;

/** Change rows whose images a {@link RowMaker} made, as a few bytes each. */
export class ChangeBlock implements PackedRows {
  length = 0;
  lastCommit = 0;
  touched = false;
  /** A record of {@link stride} bytes for each row. */
  readonly records: Buffer;
  readonly stride: number;
  /** Of the images. */
  readonly keys = new Float64Array(ROWS);
  readonly variants = new Uint16Array(ROWS);
  private readonly ids = new Float64Array(ROWS);
  private readonly commits = new Float64Array(ROWS);
  private readonly rows: Row[] = [];

  constructor(
    readonly table: Table,
    readonly maker: RowMaker,
    readonly maskLength: number,
  ) {
    this.stride = RECORD.mask + maskLength;
    this.records = Buffer.allocUnsafeSlow(ROWS * this.stride);
  }

  get isFull(): boolean {
    return this.length === ROWS;
  }

  /** Adds a row; returns where its record is to be written. */
  add(key: number, variant: number, id: number, commit: number): number {
    const at = this.length++;
    this.keys[at] = key;
    this.variants[at] = variant;
    this.ids[at] = id;
    this.commits[at] = commit;
    this.lastCommit = commit;
    return at * this.stride;
  }

  row(at: number): Row {
    return (this.rows[at] ??= this.unpack(at, this));
  }

  peek(at: number): Row {
    return this.rows[at] ?? this.unpack(at, undefined);
  }

  values(at: number): Values {
    const { records, stride, maker } = this;
    const start = at * stride;
    const bytes = (from: number, length: number): Buffer => records.subarray(start + from, start + from + length);
    const image = maker.row(this.keys[at] ?? 0, this.variants[at] ?? 0);
    const values: Value[] = [
      bytes(RECORD.lsn, LSN_LENGTH),
      null,
      bytes(RECORD.seqval, LSN_LENGTH),
      records[start + RECORD.operation] ?? 0,
      bytes(RECORD.mask, this.maskLength),
      ...image,
      records.readInt32LE(start + RECORD.command),
    ];
    const shared = sharedCellsOf(image);
    if (shared) shareCells(values, { first: AT.captured + shared.first, cells: shared.cells });
    return values;
  }

  private unpack(at: number, block: ChangeBlock | undefined): Row {
    const version = { values: this.values(at), writer: undefined, commit: this.commits[at] ?? 0, older: undefined };
    return new UnpackedRow(this.ids[at] ?? 0, this.table, version, block);
  }
}
