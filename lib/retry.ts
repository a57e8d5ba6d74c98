/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted first. */
export function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(asError(signal.reason));
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, durationMs);
    const stop = (): void => {
      clearTimeout(timer);
      reject(asError(signal?.reason));
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** How long to wait before attempt `attempt + 1`: doubles up to the longest, the upper half of it at random. */
export function backoffMs(
  attempt: number,
  firstMs: number,
  longestMs: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  return full / 2 + random() * (full / 2);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted");
}
