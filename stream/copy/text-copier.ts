import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";
import { Rejection } from "../rejection";
import { RowEncoder } from "../staging/row-encoder";
import type { CapturedSource } from "./captured-sources";
import { CarefulNeeded } from "./careful-needed";
import type { CommitTimes } from "./commit-times";
import type { CopyOutput } from "./copy-output";
import { ChangeEvents } from "./text-changes";

/** What a copier of changes works with. */
export interface CopierParts {
  readonly shape: TableShape;
  /** Columns of the result behind those of the log. */
  readonly sources: readonly CapturedSource[];
  readonly origin: string;
  readonly times: CommitTimes;
  readonly output: CopyOutput;
}

/** Makes staged lines of change rows in exact text, by way of envelopes. */
export class TextCopier {
  rows = 0;
  events = 0;
  transactions = 0;
  lastLsn: Lsn | undefined;
  private readonly changes: ChangeEvents;
  private readonly encoder: RowEncoder;

  constructor(private readonly parts: CopierParts) {
    const { shape, sources, origin, times } = parts;
    this.encoder = new RowEncoder(shape, origin);
    this.changes = new ChangeEvents(shape, sources, (lsn) => {
      const ms = times.of(lsn as Lsn);
      return ms === undefined ? undefined : new Date(ms).toISOString();
    });
  }

  row(row: ExactRow): void {
    const lsn = (row[CHANGE_COLUMN.lsn] ?? "").slice(2) as Lsn;
    if (lsn !== this.lastLsn) this.transactions += 1;
    this.lastLsn = lsn;
    const event = this.changes.next(row);
    if (event === undefined) return;
    const lines = this.encoder.encode(event.envelope, event.position);
    if (lines instanceof Rejection) throw new CarefulNeeded(lines.reason);
    this.parts.output.append(`${lines}\n`);
    this.events += 1;
    this.rows += lines.includes("\n") ? 2 : 1;
  }

  /** @throws CdcError when an image before is left without its image after. */
  end(): void {
    this.changes.end();
  }
}
