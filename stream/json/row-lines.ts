import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import { textOf, type ExactRow, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import type { RowTaker } from "../../databases/sqlserver/rows/token-reader";
import { othersTurn } from "../../lib/event-loop";
import type { Position } from "../../model/position";
import type { KeyText } from "../snapshot/page-reader";
import type { TableReader } from "../snapshot/table-reader";
import { PageFull } from "./change-lines";
import { isThere, jsonColumns, put, writeRow, type JsonColumn } from "./json-columns";
import { jsonRoom } from "./json-writer-for";
import { headOf, tailOf, type LineAbout } from "./line-about";
import type { LinePage } from "./line-page";

const LSN_DIGITS = 20;
const DATA = Buffer.from('{"data":');

/** What lines of rows that were read are made with. */
export interface RowLineParts {
  readonly about: LineAbout;
  readonly reader: TableReader;
  readonly position: Position;
  readonly snapshotId: string;
}

/** Makes lines of rows of a table, from bytes to bytes. */
export class RowLines implements RowTaker {
  rows = 0;
  private columns: readonly RawColumn[] = [];
  private json: readonly JsonColumn[] = [];
  private readonly metadata: Buffer;
  private readonly place: Buffer;
  private lineRoom = 0;
  private lastKey: KeyText | undefined;

  constructor(
    private readonly parts: RowLineParts,
    private readonly page: LinePage,
    private readonly mostBytes: number,
  ) {
    this.metadata = Buffer.from(`,"metadata":${JSON.stringify(metadataOf(parts))}}\n`);
    this.place = Buffer.from(parts.position, "hex");
  }

  begin(columns: readonly RawColumn[]): void {
    const { sources } = this.parts.reader;
    this.columns = columns;
    this.json = jsonColumns(
      sources.map((source) => ({ source, large: false })),
      columns,
      0,
    );
    this.lineRoom = this.json.reduce((sum, { name }) => sum + name.length + 1, this.metadata.length + DATA.length + 2);
  }

  row(row: LocatedRow): void {
    const { page, json } = this;
    page.reserve(jsonRoom(row.size, json.length) + this.lineRoom);
    const at = writeRow(json, row, isThere, page, put(DATA, page.buffer, page.at));
    page.at = put(this.metadata, page.buffer, at);
    this.lastKey = this.parts.reader.keyPlaces.map((place) => {
      const column = this.columns[place];
      return column === undefined ? null : textOf(column.read, row, place);
    });
    this.finish();
  }

  /** The same, of a row in exact text. */
  text(row: ExactRow): void {
    const { reader } = this.parts;
    this.page.append(`{"data":${JSON.stringify(reader.dataOf(row))}${this.metadata.toString()}`);
    this.lastKey = reader.keyOf(row);
    this.finish();
  }

  busy(): Promise<void> | undefined {
    return othersTurn();
  }

  /** Key of the last row. */
  last(): KeyText | undefined {
    return this.lastKey;
  }

  private finish(): void {
    this.rows += 1;
    this.page.finishLine(this.place);
    if (this.page.at >= this.mostBytes) throw new PageFull();
  }
}

function metadataOf({ about, position, snapshotId: SnapshotId }: RowLineParts): object {
  const place = { LSN: position.slice(0, LSN_DIGITS), Position: position, SnapshotId };
  return { ...headOf(about, "Read"), ...place, ...tailOf(about) };
}
