import { Request } from "tedious";
import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";
import type { Session } from "../connection";
import { addParameters, type Parameter } from "../parameters";
import { flagRequest } from "./hook";
import { conversionOf, plainRow, type Conversion, type PlainCell } from "./plain-rows";
import { resultColumn, type ResultColumn, type RowBatch } from "./result-column";
import { RowFormatError } from "./row-format-error";
import type { ExactRow } from "./row-reader";

/** Batches that may wait for the reader before the server is asked to wait. */
const WAITING_BATCHES = 4;
/** Rows of a batch that the driver's parser reads, one by one. */
const PLAIN_BATCH = 100;

/** A question with one result. */
export interface Select {
  /** Expressions without aliases, so that a column can be converted at the server where that is needed. */
  readonly select: readonly string[];
  /** All that follows them: `FROM … WHERE … ORDER BY …`. */
  readonly from: string;
}

/** How to read. */
export interface ReadOptions {
  readonly parameters?: readonly Parameter[];
  /** Cancels at the server; the reader gets the signal's reason. */
  readonly signal?: AbortSignal;
  /** Longest wait for the first packet of the answer; no limit when absent. */
  readonly timeoutMs?: number;
  /** True: never our own decoder. */
  readonly plain?: boolean;
  /** Told why rows come by the driver's own parser, which is several times slower. */
  readonly onPlain?: (reason: string) => void;
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
  const text = typeof statement === "string" ? statement : sqlOf(statement, []);
  const reason = options.plain === true ? "asked for" : session.hookFault;
  if (reason === undefined) {
    const unknown = yield* fastRows(session, text, options);
    if (unknown === undefined) return;
    options.onPlain?.(`column ${unknown.name} has type ${unknown.type}, in a code page or form that is not known`);
  } else {
    options.onPlain?.(reason);
  }
  yield* plainRows(session, statement, options);
}

function sqlOf({ select, from }: Select, conversions: readonly (Conversion | undefined)[]): string {
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
  const run = new Run(session, text, options);
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
  const first = new PlainRun(session, typeof statement === "string" ? statement : sqlOf(statement, []), options);
  yield* first.batches();
  const conversions = first.conversions;
  if (conversions === undefined) return;
  if (typeof statement === "string")
    throw new RowFormatError("the driver would lose digits of this result, and the statement cannot be rewritten");
  const second = new PlainRun(session, sqlOf(statement, conversions), options, first.columns);
  yield* second.batches();
}

/** A request under way, and the batches that wait for its reader. */
class Run {
  readonly request: Request;
  isCancelled = false;
  protected readonly waiting: RowBatch[] = [];
  private wake: () => void = () => undefined;
  private failure: unknown;
  private isOver = false;

  constructor(
    protected readonly session: Session,
    text: string,
    private readonly options: ReadOptions,
  ) {
    this.request = new Request(text, (error: Error | null | undefined) => {
      this.finish(error ?? undefined);
    });
    this.request.once("cancel", () => {
      this.isCancelled = true;
    });
    addParameters(this.request, options.parameters ?? []);
    if (options.timeoutMs !== undefined) this.request.setTimeout(options.timeoutMs);
  }

  push(batch: RowBatch): void {
    this.waiting.push(batch);
    if (this.waiting.length >= WAITING_BATCHES) this.request.pause();
    this.wake();
  }

  /** The answer makes no sense: nobody knows what the next bytes are, so the connection goes. */
  fail(error: unknown): void {
    this.finish(error);
    this.session.close();
  }

  async *batches(): AsyncGenerator<RowBatch, void> {
    const { signal } = this.options;
    const abort = (): void => {
      this.request.cancel();
      this.wake();
    };
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      this.session.connection.execSql(this.request);
      yield* this.arriving();
    } finally {
      signal?.removeEventListener("abort", abort);
      if (!this.isOver) this.request.cancel();
      while (!this.isOver) await this.change();
    }
  }

  private async *arriving(): AsyncGenerator<RowBatch, void> {
    const { signal } = this.options;
    for (;;) {
      signal?.throwIfAborted();
      const batch = this.waiting.shift();
      if (batch !== undefined) yield batch;
      else if (this.failure !== undefined) throw asError(this.failure);
      else if (this.isOver) return;
      else await this.change();
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.request.resume();
    });
  }

  private finish(error: unknown): void {
    if (this.isOver) return;
    this.failure = error;
    this.isOver = true;
    this.wake();
  }
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}

/** A request whose rows the driver's parser reads. */
class PlainRun extends Run {
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
