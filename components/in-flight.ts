import type { Output } from "@pulumi/pulumi";

/**
 * Makes one thing of each item, at most `limit` at a time: the next when one is `done`. Resolves to all, in order.
 * Thousands of resources that wait at once cost a program more memory and time than making them does.
 */
export async function makeInTurn<I, R>(
  items: readonly I[],
  limit: number,
  make: (item: I) => R,
  done: (made: R) => Output<unknown>,
): Promise<readonly R[]> {
  const made: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [place, item] of queue) {
      const one = make(item);
      made[place] = one;
      await settled(done(one));
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return made;
}

function settled(output: Output<unknown>): Promise<void> {
  return new Promise((resolve) => {
    output.apply(() => {
      resolve();
    });
  });
}
