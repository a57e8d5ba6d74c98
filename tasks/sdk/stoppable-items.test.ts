import { getEventListeners } from "node:events";
import { StoppableItems } from "./stoppable-items";

async function* items(count: number): AsyncGenerator<[]> {
  for (let item = 0; item < count; item += 1) yield await Promise.resolve([]);
}

test("an input that is told to stop after its end keeps its process no longer", async () => {
  const control = new AbortController();
  const stoppable = new StoppableItems(items(2), control.signal);
  while ((await stoppable.next()) !== undefined);
  expect(getEventListeners(control.signal, "abort")).toEqual([]);
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  control.abort();
  expect(timers()).toBe(before);
});

test("one that never ends is given up some time after it was told to stop", async () => {
  jest.useFakeTimers();
  const control = new AbortController();
  const stoppable = new StoppableItems(
    { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) },
    control.signal,
  );
  const next = stoppable.next();
  control.abort();
  jest.runAllTimers();
  await expect(next).resolves.toBeUndefined();
  jest.useRealTimers();
});
