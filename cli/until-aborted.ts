/** Keeps the process alive until the signal. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    // A pending promise alone would not keep the process alive.
    const alive = setInterval(() => undefined, 60_000);
    const end = () => {
      clearInterval(alive);
      done();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
