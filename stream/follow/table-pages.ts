import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { Parameter } from "../../databases/sqlserver/parameters";
import { handOverRows, streamRows } from "../../databases/sqlserver/run";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { changesPage } from "../../sql/sqlserver/change-pages";
import { capturedSources } from "../copy/captured-sources";
import { LSN_BYTES } from "../copy/position-bytes";
import { ChangeLines, PageFull } from "../json/change-lines";
import type { LineAbout } from "../json/line-about";
import { LinePage } from "../json/line-page";
import { TextLines } from "../json/text-lines";
import type { Transactions } from "../json/transactions";
import { sourceError, type About } from "../sources/ask-source";
import type { PlannedRange } from "../sources/planned-reads";

/** Changes of one table that are read as lines. */
export interface LineRange extends PlannedRange {
  readonly shape: TableShape;
  readonly about: LineAbout;
  /** Lines at or before this place were given out already. */
  readonly emitted: Buffer | undefined;
}

/** How pages are read. */
export interface PageOptions {
  readonly transactions: Transactions;
  readonly rows: number;
  /** Bytes of lines after which a page ends. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly plain?: boolean;
  /** Told why rows come by the driver's own parser, which is several times slower. */
  readonly onPlain: (reason: string) => void;
}

/** A page of lines, and what must be complete so that nothing is missing in it. */
export interface ReadLines {
  readonly page: LinePage;
  /** All changes behind it, and at it when `within`. */
  readonly after: Lsn;
  readonly within: boolean;
}

/** The changes of one table in a range, page by page, without a connection in between. */
export class TablePages {
  private readonly about: About;
  private readonly lines: ChangeLines;
  private texts: TextLines | undefined;
  private isWithin = false;
  private hasRead = false;
  private isOver = false;

  constructor(
    private readonly config: MsSqlConfig,
    readonly range: LineRange,
    private readonly options: PageOptions,
  ) {
    const { shape, instance, about } = range;
    const { name } = instance;
    this.about = { object: `change table cdc.${name}_CT`, database: config.database, instance: name };
    const sources = capturedSources(shape, instance);
    this.lines = new ChangeLines({ about, shape, sources, transactions: options.transactions });
  }

  /** The next page that has lines; undefined when there is none. Errors are those of `readChangePages`. */
  async next(): Promise<ReadLines | undefined> {
    while (!this.isOver) {
      const place = { after: this.place(), within: this.isWithin };
      const page = new LinePage();
      const isFull = await this.read(page);
      // A page may end within a transaction, whose other rows come before those of later ones.
      this.isOver = !isFull && !this.isWithin;
      this.isWithin = isFull;
      if (this.isOver) this.taker.end();
      if (page.count > 0) return { page, ...place };
    }
    return undefined;
  }

  private get taker(): ChangeLines | TextLines {
    return this.texts ?? this.lines;
  }

  /** True when there may be more of the same. */
  private async read(page: LinePage): Promise<boolean> {
    const { rows, bytes, signal, plain } = this.options;
    const names = this.lines.sources.map(({ captured }) => captured.name);
    const statement = changesPage(this.range.instance.name, names, this.isWithin ? "within" : "later");
    const options = { object: this.about.object, parameters: this.parameters(), signal };
    try {
      if (this.texts === undefined) {
        this.lines.turn(page, bytes);
        const reason = await handOverRows(
          this.config,
          statement,
          this.lines,
          plain === true ? { ...options, plain } : options,
        );
        if (reason !== undefined) {
          this.options.onPlain(reason);
          this.texts = new TextLines(this.lines.parts);
        }
      }
      if (this.texts !== undefined) {
        this.texts.turn(page, bytes);
        for await (const batch of streamRows(this.config, statement, { ...options, plain: true }))
          for (const row of batch.rows) this.texts.row(row);
      }
    } catch (error) {
      if (!(error instanceof PageFull)) throw sourceError(error, this.config, this.about);
      this.hasRead = true;
      return true;
    }
    this.hasRead ||= this.taker.rows > 0;
    return this.taker.rows === rows;
  }

  private place(): Lsn {
    return this.hasRead ? (this.taker.last.toString("hex", 0, LSN_BYTES) as Lsn) : this.range.after;
  }

  private parameters(): Parameter[] {
    const bytes = (name: string, value: Buffer): Parameter => ({ name, type: "varbinary", value });
    const int = (name: string, value: number): Parameter => ({ name, type: "int", value });
    const common = [
      int("rows", this.options.rows),
      bytes("upto", Buffer.from(this.range.upTo, "hex")),
      bytes("after", Buffer.from(this.place(), "hex")),
    ];
    if (!this.isWithin) return common;
    const { last } = this.taker;
    return [
      ...common,
      int("command", last.readUInt32BE(LSN_BYTES)),
      bytes("seqval", Buffer.from(last.subarray(LSN_BYTES + 4, 2 * LSN_BYTES + 4))),
      int("operation", last[2 * LSN_BYTES + 4] ?? 0),
    ];
  }
}
