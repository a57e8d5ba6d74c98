import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import { textOf, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import type { Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import type { CopyOutput } from "../copy/copy-output";
import { linePlan } from "../copy/line-plan";
import { LineWriter } from "../copy/line-writer";
import { MetadataWriter } from "../copy/metadata-writer";
import { originText } from "../staging/metadata-encoder";
import type { KeyText } from "./page-reader";
import type { TableReader } from "./table-reader";

const NEWLINE = 0x0a;
/** `\t\N\n`: the end of a line, with the column of which a Read row has nothing to tell and the table knows nothing. */
const STAGING_END_BYTES = 4;

/** What the lines of a chunk are made of. */
export interface ReadLines {
  readonly shape: TableShape;
  /** The pipeline's name. */
  readonly origin: string;
  readonly reader: TableReader;
  readonly position: Position;
  readonly output: CopyOutput;
  /** For the table itself, which lacks the last column of staging. */
  readonly isDirect: boolean;
}

/** Makes lines of rows that were read, from bytes to bytes. */
export class ReadTaker implements RowTaker {
  rows = 0;
  private columns: readonly RawColumn[] = [];
  private writer: LineWriter | undefined;
  private readonly metadata: MetadataWriter;
  private lastBuffer: Buffer = Buffer.alloc(0);
  private starts = new Int32Array(0);
  private ends = new Int32Array(0);

  constructor(private readonly lines: ReadLines) {
    const { shape, origin, position } = lines;
    this.metadata = new MetadataWriter(originText(shape.source, origin, shape.source.database ?? ""));
    this.metadata.setOperation("Read");
    this.metadata.position.buffer.write(position, "hex");
  }

  begin(columns: readonly RawColumn[]): void {
    const { shape, reader, output } = this.lines;
    const given = reader.sources.map((source) => ({ source, large: false }));
    this.columns = columns;
    this.writer = new LineWriter(output, linePlan(shape, given, columns, 0), this.metadata);
    this.starts = new Int32Array(columns.length);
    this.ends = new Int32Array(columns.length);
  }

  row(row: LocatedRow): void {
    const { output, isDirect, reader } = this.lines;
    this.writer?.full(row);
    if (isDirect) {
      output.buffer[output.at - STAGING_END_BYTES] = NEWLINE;
      output.at -= STAGING_END_BYTES - 1;
    }
    this.rows += 1;
    // Buffers of rows never change, so the bytes may stay where they are.
    this.lastBuffer = row.buffer;
    for (const place of reader.keyPlaces) {
      this.starts[place] = row.starts[place] as number;
      this.ends[place] = row.ends[place] as number;
    }
  }

  busy(): Promise<void> | undefined {
    return this.lines.output.busy();
  }

  /** Key of the last row. */
  last(): KeyText | undefined {
    if (this.rows === 0) return undefined;
    const row = { buffer: this.lastBuffer, size: 0, starts: this.starts, ends: this.ends };
    return this.lines.reader.keyPlaces.map((place) => {
      const column = this.columns[place];
      return column === undefined ? null : textOf(column.read, row, place);
    });
  }
}
