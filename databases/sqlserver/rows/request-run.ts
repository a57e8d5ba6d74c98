import { types } from "node:util";
import { Request } from "tedious";
import type { Session } from "../connection";
import { addParameters, type Parameter } from "../parameters";
import type { RowBatch } from "./result-column";

/** Batches that may wait for the reader before the server is asked to wait. */
const WAITING_BATCHES = 4;

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

/** A request under way, and the batches that wait for its reader. */
export class RequestRun {
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

  /** Runs it to its end, for a request whose rows go elsewhere. */
  async finished(): Promise<void> {
    const rest = this.batches();
    while ((await rest.next()).done !== true);
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

// Not `instanceof Error`: the socket's may come from another realm, and has the code by which it is known.
function asError(failure: unknown): Error {
  return types.isNativeError(failure) ? failure : new Error(String(failure));
}
