import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { readAhead } from "./read-ahead";

const one = (): number => 1;

/** Gives out numbers, and tells how many were asked for. */
class Numbers {
  asked = 0;
  isEnded = false;

  async *read(count: number, pauses: readonly boolean[] = []): AsyncGenerator<number, void> {
    try {
      for (let number = 0; number < count; number += 1) {
        this.asked = number + 1;
        if (pauses[number % pauses.length] === true) await turn();
        yield number;
      }
    } finally {
      this.isEnded = true;
    }
  }
}

test("all items come in their order, whoever is slower", async () => {
  const pauses = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.nat(40), pauses, pauses, fc.integer({ min: 1, max: 9 }), async (count, slow, busy, most) => {
      const taken: number[] = [];
      for await (const number of readAhead(new Numbers().read(count, slow), one, most)) {
        if (busy[number % busy.length] === true) await turn();
        taken.push(number);
      }
      expect(taken).toEqual(Array.from({ length: count }, (_, number) => number));
    }),
    { numRuns: 200 },
  );
});

test("as much is read ahead as may wait, and no more", async () => {
  const numbers = new Numbers();
  const items = readAhead(numbers.read(100), () => 10, 35);
  expect((await items.next()).value).toBe(0);
  await turn();
  expect(numbers.asked).toBe(5);
});

test("what the source throws comes after the items before it", async () => {
  async function* failing(): AsyncGenerator<number, void> {
    yield* new Numbers().read(3);
    throw new Error("the source is gone");
  }
  const taken: number[] = [];
  const reading = (async () => {
    for await (const number of readAhead(failing(), one, 10)) {
      await turn();
      taken.push(number);
    }
  })();
  await expect(reading).rejects.toThrow("the source is gone");
  expect(taken).toEqual([0, 1, 2]);
});

test("who takes no more ends the source, and doesn't wait for one that gives nothing", async () => {
  const numbers = new Numbers();
  for await (const number of readAhead(numbers.read(100), one, 3)) if (number === 1) break;
  await turn();
  expect(numbers.isEnded).toBe(true);

  async function* silent(): AsyncGenerator<number, void> {
    yield 1;
    await new Promise(() => undefined);
  }
  for await (const number of readAhead(silent(), one, 3)) if (number === 1) break;
});
