import { othersTurn } from "./event-loop";

test("work that never waits lets timers have their turn, and mostly goes on at once", async () => {
  let fired = 0;
  const timer = setInterval(() => (fired += 1), 1);
  const counts = { paused: 0, unpaused: 0 };
  const end = performance.now() + 10_000;
  while (fired < 5 && performance.now() < end) {
    const turn = othersTurn();
    counts[turn === undefined ? "unpaused" : "paused"] += 1;
    await turn;
  }
  clearInterval(timer);
  expect(fired).toBe(5);
  expect(counts.unpaused).toBeGreaterThan(counts.paused);
});
