import type { Lsn } from "../../model/lsn";
import type { FollowOptions } from "./options";
import { StateClock } from "./state-clock";

const POSITION = "0000002500000030000a" as Lsn;

test("a state is due behind a megabyte of lines, however fast they are read", () => {
  const options = { config: { database: "Shop" }, stateMs: { lines: 3_600_000, quiet: 3_600_000 } };
  const clock = new StateClock(options as FollowOptions, []);
  clock.make(POSITION, undefined);
  clock.gaveOut(Buffer.alloc(1024 * 1024 - 1));
  expect(clock.isDue("lines")).toBe(false);
  clock.gaveOut(Buffer.alloc(1));
  expect(clock.isDue("lines")).toBe(true);
  clock.make(POSITION, undefined);
  expect(clock.isDue("lines")).toBe(false);
});
