import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import { unpackPosition } from "../../model/position";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";
import { LSN_BYTES, POSITION_BYTES } from "../copy/position-bytes";
import { ChangeEvents, type ChangeEvent } from "../copy/text-changes";
import { PageFull, type ChangeLineParts } from "./change-lines";
import { headOf, tailOf } from "./line-about";
import { LinePage } from "./line-page";

/** Makes lines of change rows in exact text, where they can't be had as bytes: the same lines, more slowly. */
export class TextLines {
  rows = 0;
  readonly last = Buffer.alloc(POSITION_BYTES);
  private page = new LinePage();
  private mostBytes = 0;
  private transaction = -1;
  private readonly changes: ChangeEvents;

  constructor(private readonly parts: ChangeLineParts) {
    this.changes = new ChangeEvents(parts.shape, parts.sources, () => undefined);
  }

  /** Goes on in another page. */
  turn(page: LinePage, mostBytes: number): void {
    this.page = page;
    this.mostBytes = mostBytes;
    this.rows = 0;
  }

  row(row: ExactRow): void {
    const { page, last } = this;
    this.rows += 1;
    const event = this.changes.next(row);
    writePlace(row, last);
    if (event !== undefined) {
      page.append(`${JSON.stringify(this.envelope(event))}\n`);
      page.finishLine(last);
    }
    if (page.at >= this.mostBytes) throw new PageFull();
  }

  /** @throws CdcError when an image before is left without its image after. */
  end(): void {
    this.changes.end();
  }

  private envelope({ envelope: { data, metadata }, position }: ChangeEvent): object {
    const { about, transactions } = this.parts;
    const { OperationType, Before = data } = metadata;
    const { lsn: LSN, commandId: CommandId, seqval: SeqVal } = unpackPosition(position);
    const found = transactions.find(this.last, this.transaction);
    if (found >= 0) this.transaction = found;
    const all = {
      ...headOf(about, OperationType),
      ...{ LSN, Position: position, CommandId, SeqVal },
      ...(found < 0 ? {} : transactions.keys(found)),
      ...tailOf(about),
      ...(OperationType === "Insert" ? {} : { Before }),
    };
    return { data, metadata: all };
  }
}

function writePlace(row: ExactRow, place: Buffer): void {
  const digits = (column: "lsn" | "seqval"): string => (row[CHANGE_COLUMN[column]] ?? "").slice("0x".length);
  place.write(digits("lsn"), 0, "hex");
  place.writeUInt32BE(Number(row[CHANGE_COLUMN.commandId] ?? 0), LSN_BYTES);
  place.write(digits("seqval"), LSN_BYTES + 4, "hex");
  place[POSITION_BYTES - 1] = Number(row[CHANGE_COLUMN.operation]);
}
