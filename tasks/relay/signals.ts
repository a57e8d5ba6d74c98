/** Resolves when a signal is aborted; `forget` lets go of the signal, which may live for long. */
export function aborted(signal: AbortSignal): { readonly promise: Promise<void>; forget(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", resolve, { once: true });
  return { promise, forget: () => signal.removeEventListener("abort", resolve) };
}

/** Whether a promise settles in time. */
export async function settlesWithin(promise: Promise<unknown>, durationMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), durationMs)));
  const settled = promise.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, late]);
  clearTimeout(timer);
  return inTime;
}
