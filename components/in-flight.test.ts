import * as pulumi from "@pulumi/pulumi";
import { makeInTurn } from "./in-flight";

test("makes everything, never more at once than allowed, and keeps the order", async () => {
  let waiting = 0;
  let most = 0;
  const make = (item: number) => {
    waiting += 1;
    most = Math.max(most, waiting);
    return item * 10;
  };
  const done = () =>
    pulumi.output(
      new Promise((resolve) => setTimeout(resolve, 1)).then(() => {
        waiting -= 1;
      }),
    );
  const items = Array.from({ length: 20 }, (_, index) => index);
  expect(await makeInTurn(items, 3, make, done)).toEqual(items.map((item) => item * 10));
  expect(most).toBe(3);
});

test("makes the first ones at once, and nothing of nothing", async () => {
  const made: string[] = [];
  const making = makeInTurn(
    ["a", "b"],
    5,
    (item) => made.push(item),
    () => pulumi.output(1),
  );
  expect(made).toEqual(["a", "b"]);
  await making;
  expect(await makeInTurn([], 5, String, () => pulumi.output(1))).toEqual([]);
});
