import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import type Debug from "tedious/lib/debug";
import type { TokenHandler } from "tedious/lib/token/handler";
import StreamParser, { type ParserOptions } from "tedious/lib/token/stream-parser";
import type { ColMetadataToken, DoneToken, Token } from "tedious/lib/token/token";
import type { Cell } from "./cells";
import { cellOf } from "./column";
import { rawColumn, resultColumn, type RawColumn, type ResultColumn, type RowBatch } from "./result-column";
import { RowFormatError } from "./row-format-error";
import { RowReader, type ExactRow, type LocatedRow } from "./row-reader";

const ROW = 0xd1;
const NBCROW = 0xd2;
/** Command number of SELECT in DONE tokens. */
const SELECT = 0xc1;

/** Takes rows as bytes, one by one. */
export interface RowTaker {
  /** A result begins. */
  begin(columns: readonly RawColumn[]): void;
  row(row: LocatedRow): void;
  /** Asked now and then: what to wait for before more rows may come. */
  busy(): Promise<void> | undefined;
}

/** What the reader tells besides what the driver's handler hears. */
export interface RowListener {
  readonly batch: (batch: RowBatch) => void;
  /** Takes the rows in place of `batch`. */
  readonly taker?: RowTaker;
  /** A column that we cannot read: rows of its result are skipped. */
  readonly unknownColumn: (column: ResultColumn) => void;
  /** The answer makes no sense or ends too early; nothing follows. */
  readonly failed: (error: Error) => void;
  /** True when nobody wants the rows any more. */
  readonly isCancelled: () => boolean;
}

/** The driver's parser, with rows read by us; everything else is the driver's own. */
class RowTokenParser extends StreamParser {
  private columns: readonly ResultColumn[] = [];
  private rows: RowReader | undefined;
  private rowCount = 0;
  private isDone = false;
  private spare = Buffer.alloc(0);

  constructor(
    message: AsyncIterable<Buffer>,
    debug: Debug,
    options: ParserOptions,
    private readonly listener: RowListener,
  ) {
    super(message, debug, options);
  }

  /** Tokens other than rows. Rows go to the listener, batch by batch. */
  async *tokens(): AsyncGenerator<Token> {
    while (await this.more(0)) {
      while (this.position < this.buffer.length) {
        // What is left of a cancelled answer may end anywhere; the driver waits for the acknowledgement after it.
        if (this.listener.isCancelled()) {
          this.position = this.buffer.length;
          break;
        }
        const type = this.buffer.readUInt8(this.position);
        if (type === ROW || type === NBCROW) {
          await this.readRows();
          // A turn of the stream, in which it may be paused.
          yield NOTHING;
          continue;
        }
        this.position += 1;
        const token = await this.readToken(type);
        if (token === undefined) continue;
        this.observe(token);
        yield token;
      }
    }
    if (!this.isDone && !this.listener.isCancelled()) throw new RowFormatError("the server's answer ended too early");
  }

  private observe(token: Token): void {
    this.isDone = token.handlerName === "onDone" || token.handlerName === "onDoneProc";
    if (token.handlerName === "onColMetadata") this.startResult(fields<ColMetadataToken>(token).columns);
    else if (this.isDone || token.handlerName === "onDoneInProc") this.endResult(fields<DoneToken>(token));
  }

  private startResult(metadata: ColMetadataToken["columns"]): void {
    if (metadata.length === 0) return;
    this.columns = metadata.map(resultColumn);
    this.rowCount = 0;
    const cells = metadata.map(cellOf);
    const unknown = cells.indexOf(undefined);
    const column = this.columns[unknown];
    if (column === undefined) {
      this.rows = new RowReader(cells as Cell[]);
      const { taker } = this.listener;
      if (taker === undefined) this.listener.batch({ columns: this.columns, rows: [] });
      else taker.begin(metadata.map((one, index) => rawColumn(one, (cells[index] as Cell).read)));
    } else {
      this.listener.unknownColumn(column);
    }
  }

  // A count that is not that of the rows means that some were lost on the way.
  private endResult(token: Pick<DoneToken, keyof DoneToken>): void {
    const { rows } = this;
    this.rows = undefined;
    if (token.more) this.isDone = false;
    if (rows === undefined || this.listener.isCancelled() || token.sqlError || token.attention) return;
    if (token.curCmd === SELECT && token.rowCount !== undefined && token.rowCount !== this.rowCount)
      throw new RowFormatError(`${String(this.rowCount)} rows came of ${String(token.rowCount)}`);
  }

  // All rows that are in the buffer; at least one.
  private async readRows(): Promise<void> {
    const { rows: reader, listener } = this;
    // Without a reader there is no telling where the row ends, so the driver's parser walks over it.
    if (reader === undefined) return this.skipRow();
    if (listener.taker !== undefined) return this.handOver(reader, listener.taker);
    const rows: ExactRow[] = [];
    for (let end = await this.firstRow(reader); end > 0; end = this.nextRow(reader)) {
      rows.push(reader.values());
      this.rowCount += 1;
      this.position = end;
    }
    if (rows.length > 0) listener.batch({ columns: this.columns, rows });
  }

  private async handOver(reader: RowReader, taker: RowTaker): Promise<void> {
    for (let end = await this.firstRow(reader); end > 0; end = this.nextRow(reader)) {
      taker.row(reader);
      this.rowCount += 1;
      this.position = end;
    }
    const busy = taker.busy();
    if (busy !== undefined) await busy;
  }

  /** Where the row at the position ends, once it is all there; 0 when it was cancelled. */
  private async firstRow(reader: RowReader): Promise<number> {
    for (;;) {
      const end = reader.locate(this.buffer, this.position, this.buffer[this.position] === NBCROW);
      if (end <= this.buffer.length) return end;
      if (this.listener.isCancelled()) return 0;
      if (!(await this.more(end - this.position))) throw new RowFormatError("the server's answer ended within a row");
    }
  }

  /** Where the next row in the buffer ends; 0 when there is none, or it isn't all there. */
  private nextRow(reader: RowReader): number {
    const { buffer, position } = this;
    if (position >= buffer.length) return 0;
    const type = buffer[position];
    if (type !== ROW && type !== NBCROW) return 0;
    const end = reader.locate(buffer, position, type === NBCROW);
    return end > buffer.length ? 0 : end;
  }

  private async skipRow(): Promise<void> {
    const type = this.buffer.readUInt8(this.position);
    this.position += 1;
    await this.readToken(type);
  }

  /** Waits until so many bytes are there behind the position, or at least one more packet. False at the end. */
  private async more(length: number): Promise<boolean> {
    let packets = 0;
    do {
      const next = (await this.iterator.next()) as IteratorResult<Buffer, unknown>;
      if (next.done === true) {
        if (this.position < this.buffer.length && !this.listener.isCancelled())
          throw new RowFormatError("the server's answer ended within a token");
        return false;
      }
      this.append(next.value, packets > 0);
      packets += 1;
    } while (this.buffer.length - this.position < length);
    return true;
  }

  // A long value arrives in thousands of packets: room is doubled, so that each byte is copied a few times, not thousands.
  private append(chunk: Buffer, isLong: boolean): void {
    const left = this.buffer.length - this.position;
    if (left === 0) {
      this.buffer = chunk;
      this.position = 0;
      return;
    }
    const total = left + chunk.length;
    const isSpare = this.buffer.buffer === this.spare.buffer && this.buffer.byteOffset === this.spare.byteOffset;
    if (isSpare && this.buffer.length + chunk.length <= this.spare.length) {
      chunk.copy(this.spare, this.buffer.length);
      this.buffer = this.spare.subarray(0, this.buffer.length + chunk.length);
      return;
    }
    const room = isLong ? Buffer.allocUnsafeSlow(total * 2) : Buffer.allocUnsafe(total);
    this.buffer.copy(room, 0, this.position);
    chunk.copy(room, left);
    if (isLong) this.spare = room;
    this.buffer = room.subarray(0, total);
    this.position = 0;
  }
}

function fields<T>(token: Token): Pick<T, keyof T> {
  return token as unknown as Pick<T, keyof T>;
}

const NOTHING = { name: "ROWS", handlerName: "" } as unknown as Token;

/** Stands in for the driver's token stream parser of one response. */
export class RowTokenStream extends EventEmitter {
  private readonly stream: Readable;

  constructor(
    message: AsyncIterable<Buffer>,
    debug: Debug,
    handler: TokenHandler,
    options: ParserOptions,
    listener: RowListener,
  ) {
    super();
    const parser = new RowTokenParser(message, debug, options, listener);
    this.stream = Readable.from(parser.tokens());
    this.stream.on("data", (token: Token) => {
      if (token === NOTHING) return;
      debug.token(token);
      (handler[token.handlerName] as (token: Token) => void).call(handler, token);
    });
    this.stream.on("end", () => this.emit("end"));
    this.stream.on("error", listener.failed);
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }
}
