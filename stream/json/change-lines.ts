import { memoryOf, viewOf } from "../../databases/sqlserver/rows/memory";
import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import type { LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import { othersTurn } from "../../lib/event-loop";
import type { OperationType } from "../../model/envelope";
import type { TableShape } from "../../model/table-shape";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";
import { writeDigits } from "../copy/bytes/digits";
import { writeHex } from "../copy/bytes/texts";
import type { CapturedSource } from "../copy/captured-sources";
import { LSN_BYTES, operationOf, POSITION_BYTES, writePosition } from "../copy/position-bytes";
import { unknownOperation, unpaired } from "../copy/text-changes";
import { isKnownAfter, isKnownBefore, isThere, jsonColumns, put, writeRow, type JsonColumn } from "./json-columns";
import { jsonRoom } from "./json-writer-for";
import { headOf, tailOf, type LineAbout } from "./line-about";
import { LinePage } from "./line-page";
import { TRANSACTION_ROOM, type Transactions } from "./transactions";

const OPERATION = { delete: 1, insert: 2, before: 3, after: 4 } as const;
const COMMAND_AT = LSN_BYTES;
const SEQVAL_AT = COMMAND_AT + 4;
const DATA = Buffer.from('{"data":');
const METADATA = Buffer.from(',"metadata":');
const LSN = Buffer.from(',"LSN":"');
const POSITION = Buffer.from('","Position":"');
const COMMAND = Buffer.from('","CommandId":');
const SEQVAL = Buffer.from(',"SeqVal":"');
const QUOTE = 0x22;
const BEFORE = Buffer.from(',"Before":');
const END = Buffer.from("}}\n");
/** Bytes of a line besides values, names and what its table's lines have in common. */
const FIXED_ROOM = 256 + 4 * POSITION_BYTES + TRANSACTION_ROOM;

/** What lines of changes are made with. */
export interface ChangeLineParts {
  readonly about: LineAbout;
  readonly shape: TableShape;
  /** Columns of the result behind those of the log. */
  readonly sources: readonly CapturedSource[];
  readonly transactions: Transactions;
}

/** The page has so many bytes that the next rows belong to the next one. */
export class PageFull extends Error {
  override readonly name = "PageFull";
}

/** Makes lines of change rows, from bytes to bytes, page by page. */
export class ChangeLines implements RowTaker {
  /** Rows of the page that were read, images before among them. */
  rows = 0;
  /** Place of the last row. */
  readonly last = Buffer.alloc(POSITION_BYTES);
  private readonly position = memoryOf(Buffer.alloc(POSITION_BYTES));
  private columns: readonly JsonColumn[] = [];
  private before = keptRow(0);
  private isBeforeOpen = false;
  private transaction = -1;
  private readonly heads: Readonly<Record<"Insert" | "Update" | "Delete", Buffer>>;
  private readonly tail: Buffer;
  private lineRoom = 0;
  private page = new LinePage();
  private mostBytes = 0;

  constructor(readonly parts: ChangeLineParts) {
    const head = (operation: OperationType): Buffer => opened(headOf(parts.about, operation));
    this.heads = { Insert: head("Insert"), Update: head("Update"), Delete: head("Delete") };
    this.tail = inner(tailOf(parts.about));
  }

  /** Columns of the result behind those of the log. */
  get sources(): readonly CapturedSource[] {
    return this.parts.sources;
  }

  /** Goes on in another page. */
  turn(page: LinePage, mostBytes: number): void {
    this.page = page;
    this.mostBytes = mostBytes;
    this.rows = 0;
  }

  begin(columns: readonly RawColumn[]): void {
    this.columns = jsonColumns(this.parts.sources, columns, CHANGE_COLUMN.captured);
    const names = this.columns.reduce((sum, { name }) => sum + name.length + 1, 0);
    this.lineRoom = 2 * names + this.heads.Update.length + this.tail.length + FIXED_ROOM;
    if (!this.isBeforeOpen) this.before = keptRow(columns.length);
  }

  row(row: LocatedRow): void {
    const { position } = this;
    const operation = operationOf(row);
    writePosition(row, operation, position);
    this.rows += 1;
    if ((operation === OPERATION.after) !== this.isBeforeOpen) throw unpaired(this.parts.shape);
    if (operation === OPERATION.before) this.keep(row);
    else if (operation === OPERATION.after) this.update(row);
    else if (operation === OPERATION.insert) this.line(row, "Insert", undefined);
    else if (operation === OPERATION.delete) this.line(row, "Delete", row);
    else throw unknownOperation(this.parts.shape, operation);
    position.buffer.copy(this.last);
    if (this.page.at >= this.mostBytes) throw new PageFull();
  }

  busy(): Promise<void> | undefined {
    return othersTurn();
  }

  /** @throws CdcError when an image before is left without its image after. */
  end(): void {
    if (this.isBeforeOpen) throw unpaired(this.parts.shape);
  }

  private update(row: LocatedRow): void {
    this.isBeforeOpen = false;
    if (this.position.buffer.compare(this.last, 0, POSITION_BYTES - 1, 0, POSITION_BYTES - 1) !== 0)
      throw unpaired(this.parts.shape);
    this.line(row, "Update", this.before);
  }

  private line(row: LocatedRow, operation: "Insert" | "Update" | "Delete", before: LocatedRow | undefined): void {
    const { page, columns } = this;
    page.reserve(jsonRoom(row.size + (before?.size ?? 0), 2 * columns.length) + this.lineRoom);
    const { buffer } = page;
    let { at } = page;
    const known = operation === "Insert" ? isThere : operation === "Update" ? isKnownAfter : isKnownBefore;
    at = writeRow(columns, row, known, page, put(DATA, buffer, at));
    at = put(this.heads[operation], buffer, put(METADATA, buffer, at));
    at = put(this.tail, buffer, this.place(page, at));
    if (before !== undefined) at = writeRow(columns, before, isKnownBefore, page, put(BEFORE, buffer, at));
    at = put(END, buffer, at);
    if (at > buffer.length) throw new RowFormatError("a line is longer than its values allow");
    page.at = at;
    page.finishLine(this.position.buffer);
  }

  private place(page: LinePage, start: number): number {
    const { parts } = this;
    const { buffer } = page;
    const position = this.position.buffer;
    let at = writeHex(position, 0, LSN_BYTES, page, put(LSN, buffer, start));
    at = writeHex(position, 0, POSITION_BYTES, page, put(POSITION, buffer, at));
    at = writeDigits(page, put(COMMAND, buffer, at), this.position.view.getUint32(COMMAND_AT), 1);
    at = writeHex(position, SEQVAL_AT, SEQVAL_AT + LSN_BYTES, page, put(SEQVAL, buffer, at));
    buffer[at++] = QUOTE;
    const found = parts.transactions.find(position, this.transaction);
    if (found < 0) return at;
    this.transaction = found;
    return parts.transactions.write(found, page, at);
  }

  // Buffers of rows never change, so the bytes may stay where they are.
  private keep(row: LocatedRow): void {
    const { before } = this;
    before.buffer = row.buffer;
    before.view = row.view;
    before.size = row.size;
    before.starts.set(row.starts);
    before.ends.set(row.ends);
    this.isBeforeOpen = true;
  }
}

/** A place for a row that is to outlive the next one. */
function keptRow(columns: number): { -readonly [K in keyof LocatedRow]: LocatedRow[K] } {
  const buffer = Buffer.alloc(0);
  return { buffer, view: viewOf(buffer), size: 0, starts: new Int32Array(columns), ends: new Int32Array(columns) };
}

/** The object without its closing brace. */
function opened(keys: object): Buffer {
  return Buffer.from(JSON.stringify(keys).slice(0, -1));
}

/** The object's keys, each behind a comma. */
function inner(keys: object): Buffer {
  return Buffer.from(`,${JSON.stringify(keys).slice(1, -1)}`);
}
