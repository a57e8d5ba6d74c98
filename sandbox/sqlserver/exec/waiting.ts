import { sqlError } from "../errors";
import type { Transaction } from "../storage/transaction";
import type { SqlSession } from "./session";

/** Waits for the end of a transaction. Throws 1205 in a circle, 1222 when LOCK_TIMEOUT is over. */
export async function waitForLock(
  session: SqlSession,
  waiter: Transaction | undefined,
  holder: Transaction,
): Promise<void> {
  if (waiter) session.instance.wait(waiter, holder);
  const { lockTimeoutMs } = session.options;
  const timeout = { over: false };
  try {
    await session.interruptible((done) => {
      if (holder.state === "active") holder.onEnd(done);
      else queueMicrotask(done);
      if (lockTimeoutMs < 0) return () => undefined;
      const timer = setTimeout(() => {
        timeout.over = true;
        done();
      }, lockTimeoutMs);
      return () => {
        clearTimeout(timer);
      };
    });
  } finally {
    if (waiter) session.instance.waited(waiter);
  }
  if (timeout.over) throw sqlError(1222);
}
