/** The items; and undefined whenever none came for `idleMs` after the last one (once, until the next item). */
export async function* orIdle<T>(items: AsyncIterable<T>, idleMs?: number): AsyncGenerator<T | undefined> {
  if (idleMs === undefined) {
    yield* items;
    return;
  }
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = iterator.next();
      if (await isLate(next, idleMs)) yield undefined;
      const result = await next;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function isLate(next: Promise<unknown>, idleMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, idleMs, true);
    const inTime = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    next.then(inTime, inTime);
  });
}
