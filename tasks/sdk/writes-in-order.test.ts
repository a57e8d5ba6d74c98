import { WritesInOrder } from "./writes-in-order";

interface Write {
  readonly done: Promise<void>;
  finish(): void;
  fail(): void;
}

function write(): Write {
  let finish = (): void => undefined;
  let fail = (): void => undefined;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = () => reject(new Error("lost"));
  });
  return { done, finish, fail };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function lab(most: number) {
  const told: unknown[] = [];
  const writes = new WritesInOrder(
    most,
    (count) => told.push(count),
    (error) => told.push((error as Error).message),
  );
  return { told, writes };
}

test("batches are confirmed in their order", async () => {
  const { told, writes } = lab(3);
  const all = [write(), write(), write()];
  all.forEach(({ done }, index) => writes.add(index + 1, done));
  let hasRoom = false;
  const room = writes.room().then(() => (hasRoom = true));
  all[2]?.finish();
  all[1]?.finish();
  await turn();
  expect([told, hasRoom]).toEqual([[], false]);
  all[0]?.finish();
  await room;
  await writes.end();
  expect(told).toEqual([1, 2, 3]);
});

test("after a failure nothing that came later is confirmed", async () => {
  const { told, writes } = lab(3);
  const all = [write(), write(), write()];
  all.forEach(({ done }, index) => writes.add(index + 1, done));
  all[2]?.finish();
  all[0]?.finish();
  await turn();
  all[1]?.fail();
  await writes.room();
  await writes.end();
  expect(told).toEqual([1, "lost"]);
});

test("a failure is told while an earlier batch is still being written", async () => {
  const { told, writes } = lab(2);
  const [first, second] = [write(), write()];
  writes.add(1, first.done);
  writes.add(1, second.done);
  second.fail();
  await writes.room();
  await writes.end();
  expect(told).toEqual(["lost"]);
});
