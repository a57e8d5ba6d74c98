import { backoffMs, sleep } from "../../../lib/retry";
import type { FailureKind } from "../../../databases/servicebus/error-codes";
import { CdcError } from "../../../lib/errors";

/** How what fails is tried again. */
export interface RetrySettings {
  /** First pause; doubles from attempt to attempt, with jitter. Ten times as long when the server is busy. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** When to give up; never when absent. */
  readonly giveUpMs?: number;
}

export const DEFAULT_RETRY: RetrySettings = { firstMs: 100, longestMs: 30_000 };

/** Refused access may be a token that was just renewed or a right that was just given: worth a few tries, once it worked. */
const ACCESS_ATTEMPTS = 6;

/** A failure that says whether the same may succeed later: that of Service Bus, or of the storage. */
export interface Failure extends CdcError {
  readonly retryable: boolean;
  readonly kind?: FailureKind;
}

/** What is told of a failure that is tried again. */
export type OnRetry = (failure: Failure, attempt: number, pauseMs: number) => void;

/** Tries again what may pass, for as long as it takes. */
export class Persistence {
  private hasWorked = false;

  constructor(
    private readonly settings: RetrySettings,
    private readonly signal: AbortSignal,
    private readonly onRetry: OnRetry,
  ) {}

  /** @throws the failure when trying again is no use or for too long, and the signal's reason when it is aborted. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await work();
        this.hasWorked = true;
        return result;
      } catch (error) {
        this.signal.throwIfAborted();
        if (!isFailure(error) || !this.isWorthIt(error, attempt)) throw error;
        const pauseMs = this.pauseMs(error.kind, attempt);
        const { giveUpMs } = this.settings;
        if (giveUpMs !== undefined && Date.now() + pauseMs - start > giveUpMs) throw givenUp(error, giveUpMs);
        this.onRetry(error, attempt, pauseMs);
        await sleep(pauseMs, this.signal);
      }
    }
  }

  private isWorthIt({ kind, retryable }: Failure, attempt: number): boolean {
    // An identity that was there comes again: the library doesn't tell why it got no token.
    if (kind === "identity") return this.hasWorked;
    return retryable || (kind === "auth" && this.hasWorked && attempt < ACCESS_ATTEMPTS);
  }

  private pauseMs(kind: FailureKind | undefined, attempt: number): number {
    const { firstMs, longestMs } = this.settings;
    return backoffMs(attempt, kind === "throttled" ? firstMs * 10 : firstMs, longestMs);
  }
}

function isFailure(error: unknown): error is Failure {
  return error instanceof CdcError && typeof (error as Partial<Failure>).retryable === "boolean";
}

function givenUp(failure: Failure, afterMs: number): CdcError {
  const message = `${failure.message} (given up after ${String(Math.round(afterMs / 1_000))} s)`;
  const { code, hint } = failure;
  return Object.assign(new CdcError(code, message, { cause: failure, ...(hint === undefined ? {} : { hint }) }), {
    retryable: true,
  });
}
