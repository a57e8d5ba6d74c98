import type { Position } from "../../model/position";
import { mergeOrdered } from "./merge-ordered";

interface Placed {
  readonly position: Position;
}

/** Events of a table: transaction and place in it. */
function events(...places: readonly (readonly [number, number])[]): Placed[] {
  return places.map(([lsn, place]) => {
    const position = `${String(lsn).padStart(20, "0")}${String(place).padStart(30, "0")}` as Position;
    return { position };
  });
}

async function* batches(...all: Placed[][]): AsyncGenerator<Placed[], void> {
  for (const batch of all) yield await Promise.resolve(batch);
}

async function merged(inputs: readonly AsyncIterable<readonly Placed[]>[], batchEvents?: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const { events: found, endsTransaction } of mergeOrdered(inputs, batchEvents)) {
    const places = found.map(
      ({ position }) => `${String(Number(position.slice(0, 20)))}.${String(Number(position.slice(20)))}`,
    );
    texts.push(`${places.join(" ")}${endsTransaction ? "" : " …"}`);
  }
  return texts;
}

test("tables are merged in the order of the log, one transaction after the other", async () => {
  const one = batches(events([1, 1], [1, 3]), [], events([3, 1]));
  const other = batches(events([1, 2]), events([2, 1], [3, 2]));
  expect(await merged([one, other, batches()])).toEqual(["1.1 1.2 1.3 2.1 3.1 3.2"]);
  expect(await merged([])).toEqual([]);
});

test("a batch ends with a transaction, unless that one is larger than a batch", async () => {
  const one = events([1, 1], [2, 1], [2, 3], [2, 5], [3, 1]);
  const other = events([2, 2], [2, 4], [4, 1]);
  expect(await merged([batches(one), batches(other)], 2)).toEqual(["1.1", "2.1 2.2 …", "2.3 2.4 …", "2.5 3.1", "4.1"]);
});

test("an input that fails ends the others, and so does leaving the loop", async () => {
  let closed = 0;
  const endless = async function* (): AsyncGenerator<Placed[], void> {
    try {
      for (let lsn = 1; ; lsn += 1) yield await Promise.resolve(events([lsn, 1]));
    } finally {
      closed += 1;
    }
  };
  const failing = async function* (): AsyncGenerator<Placed[], void> {
    yield await Promise.resolve(events([2, 2]));
    throw new Error("cut");
  };
  await expect(merged([endless(), failing()], 1)).rejects.toThrow("cut");
  expect(closed).toBe(1);
  for await (const batch of mergeOrdered([endless()], 1)) if (batch.events.length > 0) break;
  expect(closed).toBe(2);
});
