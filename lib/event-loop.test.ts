import { othersTurn } from "./event-loop";

test("work that never waits lets timers have their turn", async () => {
  let fired = 0;
  const timer = setInterval(() => (fired += 1), 1);
  const pauses: boolean[] = [];
  const end = performance.now() + 60;
  while (performance.now() < end) {
    const turn = othersTurn();
    pauses.push(turn !== undefined);
    await turn;
  }
  clearInterval(timer);
  expect(fired).toBeGreaterThan(1);
  expect(pauses.filter((paused) => !paused).length).toBeGreaterThan(pauses.filter((paused) => paused).length);
});
