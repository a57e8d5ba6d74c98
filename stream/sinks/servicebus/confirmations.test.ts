import fc from "fast-check";
import { Confirmations } from "./confirmations";

test("lines are confirmed in their order, however their messages arrive", async () => {
  const history = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 4_000 });
  await fc.assert(
    fc.asyncProperty(history, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (lines, random) => {
      const told: number[] = [];
      const confirmations = new Confirmations((count) => told.push(count));
      const all = lines.map((messages) => ({ line: confirmations.add(messages), messages }));
      expect(all.map(({ line }) => line)).toEqual([...lines.keys()]);
      const reached: number[] = [];
      const waits = [1, lines.length].map((count) => confirmations.reached(count).then(() => reached.push(count)));
      const open = [...lines];
      const arrivals = all.flatMap(({ line, messages }) => Array.from({ length: messages }, () => line));
      // Swaps neighbours: messages of different queues overtake each other.
      for (let index = 1; index < arrivals.length; index += 1) {
        const other = Math.floor((random.next().value ?? 0) * Math.min(index, 50));
        [arrivals[index], arrivals[index - other]] = [arrivals[index - other]!, arrivals[index]!];
      }
      for (const line of arrivals) {
        confirmations.confirm(line);
        open[line] = (open[line] ?? 0) - 1;
        const first = open.findIndex((left) => left > 0);
        expect(confirmations.confirmed).toBe(first < 0 ? lines.length : first);
      }
      await Promise.all(waits);
      expect(reached).toEqual([1, lines.length]);
      expect(told.at(-1)).toBe(lines.length);
      expect(told).toEqual([...told].sort((a, b) => a - b));
    }),
    { numRuns: 30 },
  );
});

test("lines that come later count on", () => {
  const confirmations = new Confirmations();
  for (let line = 0; line < 5_000; line += 1) {
    expect(confirmations.add(1)).toBe(line);
    confirmations.confirm(line);
  }
  expect(confirmations.confirmed).toBe(5_000);
});

test("who waits is told of the first failure", async () => {
  const confirmations = new Confirmations();
  confirmations.confirm(confirmations.add(1));
  confirmations.add(1);
  const waiting = confirmations.reached(2);
  confirmations.fail(new Error("first"));
  confirmations.fail(new Error("second"));
  await expect(waiting).rejects.toThrow("first");
  await expect(confirmations.reached(2)).rejects.toThrow("first");
  await expect(confirmations.reached(1)).resolves.toBeUndefined();
});
