import fc from "fast-check";
import { Confirmations, type Told } from "./confirmations";
import type { StateStore } from "./state-store";

/** A store that takes some turns of the event loop for a write, or none. */
class SlowStore implements StateStore {
  stored: unknown;

  constructor(private readonly turns: readonly number[]) {}

  read(): Promise<unknown> {
    return Promise.resolve(this.stored);
  }

  async write(state: unknown): Promise<void> {
    for (let turn = this.turns[Number(state) % this.turns.length] ?? 0; turn > 0; turn -= 1) await Promise.resolve();
    this.stored = state;
  }
}

interface Setting {
  readonly store: SlowStore;
  readonly told: (Told & { readonly stored: unknown })[];
  readonly confirmations: Confirmations;
}

function open(turns: readonly number[] = [0]): Setting {
  const store = new SlowStore(turns);
  const told: (Told & { stored: unknown })[] = [];
  const confirmations = new Confirmations(
    store,
    (one) => told.push({ ...one, stored: store.stored }),
    (error) => {
      throw error;
    },
  );
  return { store, told, confirmations };
}

test("two confirmations at once store the state of the second", async () => {
  const { store, told, confirmations } = open();
  confirmations.addState({ type: "state", count: 3, state: 3 }, 3);
  confirmations.confirm(2);
  confirmations.confirm(3);
  await confirmations.settled();
  expect(store.stored).toBe(3);
  expect(told.at(-1)).toEqual({ count: 3, states: 1, stored: 3 });
});

test("a state that no line precedes is stored, and told", async () => {
  const { told, confirmations } = open([3]);
  confirmations.addState({ type: "state", count: 0, state: 7 }, 0);
  await confirmations.settled();
  expect(told).toEqual([{ count: 0, states: 1, stored: 7 }]);
  confirmations.addState({ type: "state", count: 0, state: 8 }, 0);
  await confirmations.settled();
  expect(told.at(-1)).toEqual({ count: 0, states: 2, stored: 8 });
});

test("in any order of lines, states and confirmations the newest confirmed state is stored before the input is told", async () => {
  const step = fc.oneof(
    fc.record({ what: fc.constant("line" as const), by: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ what: fc.constant("state" as const), by: fc.constant(0) }),
    fc.record({ what: fc.constant("confirm" as const), by: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ what: fc.constant("wait" as const), by: fc.integer({ min: 1, max: 6 }) }),
  );
  const turns = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), turns, async (steps, slow) => {
      const { store, told, confirmations } = open(slow);
      let lines = 0;
      let confirmed = 0;
      const states: number[] = [];
      for (const { what, by } of steps) {
        if (what === "line") lines += by;
        if (what === "state") confirmations.addState({ type: "state", count: lines, state: lines }, lines);
        if (what === "state") states.push(lines);
        if (what === "confirm") confirmations.confirm((confirmed = Math.min(lines, confirmed + by)));
        for (let turn = what === "wait" ? by : 0; turn > 0; turn -= 1) await Promise.resolve();
      }
      await confirmations.settled();
      const wanted = (count: number): number | undefined => states.filter((state) => state <= count).at(-1);
      expect(store.stored).toBe(wanted(confirmed));
      expect(told.at(-1)?.count ?? 0).toBe(confirmed);
      // Never a state of lines that aren't confirmed yet.
      for (const { count, stored } of told) expect(Number(stored ?? 0)).toBeLessThanOrEqual(count);
      // The states that it is told of are those up to the stored one.
      for (const told_ of told) expect(told_.stored).toBe(states[told_.states - 1]);
      expect(told.at(-1)?.states ?? 0).toBe(states.filter((state) => state <= confirmed).length);
    }),
    { numRuns: 500 },
  );
});
