import fc from "fast-check";

/** How the events of a history reach the sink. */
export interface Delivery {
  readonly order: "as it was" | "shuffled" | "backwards";
  /** Every so manieth event comes twice or three times; 0: none. */
  readonly repeatEvery: number;
  /** Into how many loads the events are split. */
  readonly loads: number;
  readonly batchRows: number;
  readonly seed: number;
  /** Where the plug is pulled, by the number of steps done in a load, and how. */
  readonly plugs: readonly Plug[];
}

/** Where and how a load is disturbed. */
export interface Plug {
  readonly atStep: number;
  /**
   * `connection`: it breaks, the sink goes on by itself; `answer`: it breaks after the server took the COMMIT;
   * `process`: the load ends there and is begun again from its start.
   */
  readonly kind: "connection" | "answer" | "process";
}

/** Ways of delivering. */
export const deliveries: fc.Arbitrary<Delivery> = fc.record({
  order: fc.constantFrom("as it was", "shuffled", "shuffled", "backwards"),
  repeatEvery: fc.constantFrom(0, 1, 3, 10),
  loads: fc.integer({ min: 1, max: 3 }),
  batchRows: fc.constantFrom(7, 40, 150, 10_000),
  seed: fc.integer(),
  plugs: fc.array(fc.record({ atStep: fc.nat(25), kind: fc.constantFrom("connection", "answer", "process") }), {
    maxLength: 3,
  }),
});

/** The events of each load. Every event is in at least one of them. */
export function deliver<T>(events: readonly T[], { order, repeatEvery, loads, seed }: Delivery): T[][] {
  const random = mulberry32(seed);
  const repeated = events.flatMap((event, index) =>
    repeatEvery > 0 && index % repeatEvery === 0 ? [event, event] : [event],
  );
  const list = {
    "as it was": () => repeated,
    shuffled: () => shuffle(repeated, random),
    backwards: () => repeated.reverse(),
  }[order]();
  const size = Math.ceil(list.length / loads);
  return Array.from({ length: loads }, (_, index) => {
    const part = list.slice(index * size, (index + 1) * size);
    // A load may also bring back a window of what was there before.
    return index > 0 && random() < 0.5 ? [...part, ...list.slice(0, Math.floor(random() * size))] : part;
  });
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items];
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other] as T, list[index] as T];
  }
  return list;
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
