import { Dice } from "../../sandbox/sqlserver/feed/dice";
import { signal, type KilledTask, type Victim } from "./killed-task";

/** An output that is held where it is. */
export interface Held {
  /** Whether it is there. */
  readonly isThere: () => boolean | Promise<boolean>;
  /** Lets it go on. */
  readonly undo: () => void | Promise<void>;
}

/** What has arrived where an output writes, and ways to hold it in the middle. */
export interface Arrivals {
  /** Changes or commits so far, those too that were known already. */
  readonly streamed: () => number;
  /** The same of the table that is copied. */
  readonly copied: () => number;
  /** Holds the output when a part of what it writes together is there. */
  readonly inMidBatch: () => Held | Promise<Held>;
  /** Holds it, or tells at least, when something is there and it doesn't know yet. */
  readonly beforeAck: () => Held | Promise<Held>;
}

/** Where somebody is to be killed. */
export interface KillPoint {
  readonly name: string;
  /** Resolves at the moment. */
  readonly reached: (task: KilledTask, victim: Victim, arrivals: Arrivals) => Promise<Held | undefined>;
  /** The task was told to stop: it is started again. */
  readonly stops?: boolean;
}

/** 20 of them, from the first handshake to the drain; `most` arrivals may come before those that count them. */
export function killPoints(seed: number, most: number): readonly KillPoint[] {
  const dice = new Dice(seed);
  const some = (): number => 1 + dice.below(most);
  return [
    started,
    ready(1),
    copying(1),
    copying(some()),
    copying(some()),
    window(1),
    midBatch,
    beforeAck,
    stored,
    ready(2),
    draining,
    window(some()),
    midBatch,
    stored,
    beforeAck,
    window(some()),
    draining,
    midBatch,
    beforeAck,
    window(some()),
  ];
}

/** A point at which nobody is held. */
function point(name: string, reached: (task: KilledTask, arrivals: Arrivals) => Promise<void>): KillPoint {
  return {
    name,
    reached: async (task, _victim, arrivals) => {
      await reached(task, arrivals);
      return undefined;
    },
  };
}

const started = point("when it has started", () => Promise.resolve());

function ready(count: number): KillPoint {
  return point(`when ${count} providers are ready`, (task) => task.until(() => task.isReady(count)));
}

/** After so many copied rows, unless the copy is done. */
function copying(count: number): KillPoint {
  return point(`while rows are copied, ${count} later`, async (task, { copied }) => {
    const before = copied();
    await task.until(() => copied() >= before + count || task.hasReached(""));
  });
}

function window(count: number): KillPoint {
  return point(`while changes flow, ${count} later`, async (task, { streamed }) => {
    const before = streamed();
    await task.until(() => streamed() >= before + count);
  });
}

const stored = point("when a state was stored", async (task) => {
  await task.until(() => task.isReady());
  const { state } = task;
  await task.until(() => task.state !== state);
});

function holding(name: string, hold: (arrivals: Arrivals) => Held | Promise<Held>): KillPoint {
  const reached: KillPoint["reached"] = async (task, _victim, arrivals) => {
    await task.until(() => task.isReady());
    const held = await hold(arrivals);
    await task.until(held.isThere);
    return held;
  };
  return { name, reached };
}

const midBatch = holding("in the middle of a batch", (arrivals) => arrivals.inMidBatch());
const beforeAck = holding("between what is written and its ack", (arrivals) => arrivals.beforeAck());

/** An input is held still, so that it is there when the task drains; nothing drains before it has ended. */
const draining: KillPoint = {
  name: "while the task drains",
  stops: true,
  reached: async (task, victim, { streamed }) => {
    const before = streamed();
    await task.until(() => task.isReady() && streamed() > before);
    if (victim === "input") signal(task.pid(victim), "SIGSTOP");
    task.stop();
    await task.untilOrEnd(() => task.attempt.some(({ event }) => event === "stopping"));
    return undefined;
  },
};
