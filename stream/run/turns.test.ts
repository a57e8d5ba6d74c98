import { Turns } from "./turns";

const settled = async (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => "done",
      (error: unknown) => (error as Error).message,
    ),
    new Promise<string>((resolve) => setImmediate(resolve, "waiting")),
  ]);

test("who is called off while waiting for a turn leaves the line, and takes nobody's turn", async () => {
  const turns = new Turns(1);
  const never = new AbortController().signal;
  let finish = (): void => undefined;
  const first = turns.use(never, () => new Promise<void>((resolve) => (finish = resolve)));
  const called = new AbortController();
  const worked: string[] = [];
  const second = turns.use(called.signal, () => Promise.resolve(worked.push("second")));
  const third = turns.use(never, () => Promise.resolve(worked.push("third")));
  called.abort(new Error("called off"));
  expect(await settled(second)).toBe("called off");
  expect(await settled(third)).toBe("waiting");
  finish();
  await Promise.all([first, third]);
  expect(worked).toEqual(["third"]);
  await expect(turns.use(called.signal, () => Promise.resolve())).rejects.toThrow("called off");
  expect(await turns.use(never, () => Promise.resolve("free"))).toBe("free");
});
