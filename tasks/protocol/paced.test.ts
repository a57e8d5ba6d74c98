import { eventually } from "../../test/harness/eventually";
import { Paced } from "./paced";

test("the first is passed on at once, of those that follow the newest, and nothing twice", async () => {
  const passed: number[] = [];
  const paced = new Paced<number>(20, (value) => passed.push(value));
  paced.push(1);
  expect(passed).toEqual([1]);
  for (const value of [2, 3, 4]) paced.push(value);
  expect(passed).toEqual([1]);
  await eventually(() => expect(passed).toEqual([1, 4]));
  paced.push(5);
  paced.flush();
  paced.flush();
  expect(passed).toEqual([1, 4, 5]);
});
