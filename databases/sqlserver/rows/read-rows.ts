import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";
import type { Session } from "../connection";
import { flagRequest } from "./hook";
import { conversionOf, plainRow, type Conversion, type PlainCell } from "./plain-rows";
import { RequestRun, type ReadOptions } from "./request-run";
import { resultColumn, unknownText, type ResultColumn, type RowBatch } from "./result-column";
import { RowFormatError } from "./row-format-error";
import type { ExactRow } from "./row-reader";

/** Rows of a batch that the driver's parser reads, one by one. */
const PLAIN_BATCH = 100;

/** A question with one result. */
export interface Select {
  /** Expressions without aliases, so that a column can be converted at the server where that is needed. */
  readonly select: readonly string[];
  /** All that follows them: `FROM … WHERE … ORDER BY …`. */
  readonly from: string;
}

/**
 * The rows of a statement as exact text, batch by batch; the server waits while the reader is busy, and leaving the
 * loop cancels the statement. Values come by our own decoder, else by the driver's with conversion at the server.
 * Errors are those of the driver.
 */
export async function* readRows(
  session: Session,
  statement: string | Select,
  options: ReadOptions = {},
): AsyncGenerator<RowBatch, void> {
  const text = typeof statement === "string" ? statement : sqlOf(statement);
  const reason = options.plain === true ? "asked for" : session.hookFault;
  if (reason === undefined) {
    const unknown = yield* fastRows(session, text, options);
    if (unknown === undefined) return;
    options.onPlain?.(unknownText(unknown));
  } else {
    options.onPlain?.(reason);
  }
  yield* plainRows(session, statement, options);
}

/** The statement, with conversions where they are needed. */
export function sqlOf({ select, from }: Select, conversions: readonly (Conversion | undefined)[] = []): string {
  const items = select.map((expression, index) => conversions[index]?.(expression) ?? expression);
  return `SELECT ${items.join(", ")} ${from}`;
}

/** Returns the column that the decoder doesn't know; then there were no rows. */
async function* fastRows(
  session: Session,
  text: string,
  options: ReadOptions,
): AsyncGenerator<RowBatch, ResultColumn | undefined> {
  let unknown: ResultColumn | undefined;
  const run = new RequestRun(session, text, options);
  flagRequest(run.request, {
    batch: (batch) => {
      run.push(batch);
    },
    unknownColumn: (column) => {
      unknown ??= column;
      run.request.cancel();
    },
    failed: (error) => {
      run.fail(error);
    },
    isCancelled: () => run.isCancelled,
  });
  try {
    yield* run.batches();
  } catch (error) {
    if (unknown === undefined) throw error;
  }
  return unknown;
}

async function* plainRows(
  session: Session,
  statement: string | Select,
  options: ReadOptions,
): AsyncGenerator<RowBatch, void> {
  const first = new PlainRun(session, typeof statement === "string" ? statement : sqlOf(statement), options);
  yield* first.batches();
  const conversions = first.conversions;
  if (conversions === undefined) return;
  if (typeof statement === "string")
    throw new RowFormatError("the driver would lose digits of this result, and the statement cannot be rewritten");
  const second = new PlainRun(session, sqlOf(statement, conversions), options, first.columns);
  yield* second.batches();
}

/** A request whose rows the driver's parser reads. */
class PlainRun extends RequestRun {
  columns: readonly ResultColumn[];
  /** What must be converted at the server; then the request was cancelled. */
  conversions: readonly (Conversion | undefined)[] | undefined;
  private open: RowBatch | undefined;
  private openRows: ExactRow[] = [];

  constructor(session: Session, text: string, options: ReadOptions, columns?: readonly ResultColumn[]) {
    super(session, text, options);
    this.columns = columns ?? [];
    this.request.on("columnMetadata", (metadata: unknown) => {
      this.begin(metadata as readonly ColumnMetadata[], columns);
    });
    this.request.on("row", (cells: unknown) => {
      if (this.conversions === undefined) this.row(cells as readonly PlainCell[]);
    });
  }

  override async *batches(): AsyncGenerator<RowBatch, void> {
    try {
      yield* super.batches();
    } catch (error) {
      if (this.conversions === undefined) throw error;
    }
  }

  private row(cells: readonly PlainCell[]): void {
    try {
      const row = plainRow(cells);
      const open = this.waiting.at(-1);
      if (open !== undefined && open === this.open && this.openRows.length < PLAIN_BATCH) {
        this.openRows.push(row);
        return;
      }
      this.openRows = [row];
      this.open = { columns: this.columns, rows: this.openRows };
      this.push(this.open);
    } catch (error) {
      this.fail(error);
    }
  }

  // In the second run the columns are those of the statement as it was before the conversions.
  private begin(metadata: readonly ColumnMetadata[], known: readonly ResultColumn[] | undefined): void {
    if (metadata.length === 0) return;
    try {
      const conversions = metadata.map(conversionOf);
      this.columns = known ?? metadata.map(resultColumn);
      if (conversions.every((one) => one === undefined)) {
        this.push({ columns: this.columns, rows: [] });
        return;
      }
      this.conversions = conversions;
      this.request.cancel();
    } catch (error) {
      this.fail(error);
    }
  }
}
