import fc from "fast-check";
import type { StagedEvent, ValueName } from "../harness/merge-model";

/** A history of one or a few keys and the batches in which its events arrive, shuffled and repeated. */
export interface DeliveredHistory {
  readonly events: readonly StagedEvent[];
  readonly batches: readonly (readonly StagedEvent[])[];
}

/** Batches of every history, so that many histories can be delivered together. */
export const BATCHES = 4;

const KEYS = 2;
const text = fc.option(fc.constantFrom("x", "y", "z", "", "long ".repeat(600)), { freq: 6 });
const unchanged = fc.oneof(
  { weight: 2, arbitrary: fc.constant<ValueName[]>([]) },
  { weight: 1, arbitrary: fc.subarray<ValueName>(["a", "b", "lob"]) },
);

const step = fc.record({
  kind: fc.constantFrom("write", "write", "write", "delete", "move"),
  k: fc.nat(KEYS - 1),
  r: fc.constantFrom("r1", "r2"),
  a: text,
  b: text,
  lob: text,
  unchanged,
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One history; `h` is given when it is delivered. */
export const deliveredHistory: fc.Arbitrary<DeliveredHistory> = fc
  .array(step, { minLength: 1, maxLength: 9 })
  .map((steps) => steps.flatMap(eventsOf).map((event, index) => ({ ...event, position: index + 1 })))
  .chain((events) =>
    fc
      .record({
        order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
        repeats: fc.array(fc.nat(events.length - 1), { maxLength: 4 }),
        places: fc.array(fc.nat(BATCHES - 1), { minLength: events.length + 4, maxLength: events.length + 4 }),
      })
      .map(({ order, repeats, places }) => ({ events, batches: split(events, [...order, ...repeats], places) })),
  );

function split(events: readonly StagedEvent[], order: readonly number[], places: readonly number[]): StagedEvent[][] {
  const batches: StagedEvent[][] = Array.from({ length: BATCHES }, () => []);
  order.forEach((index, place) => {
    const event = events[index];
    if (event !== undefined) batches[places[place] ?? 0]?.push(event);
  });
  return batches;
}

/** A move is an update with a changed key: a delete of the old key, then a write of the new one. */
function eventsOf({ kind, k, ...values }: Step): StagedEvent[] {
  const write: StagedEvent = { h: 0, k, position: 0, operation: "Update", ...values };
  const remove: StagedEvent = { ...write, operation: "Delete", unchanged: [] };
  if (kind === "delete") return [remove];
  return kind === "move" ? [remove, { ...write, k: (k + 1) % KEYS }] : [write];
}
