import { setTimeout as sleep } from "node:timers/promises";
import type { StreamStep } from "../../stream/run/steps";
import type { Fault, Play } from "./fault";
import { pick } from "./workload";

/** Steps that a stream passes again and again. */
const OFTEN: readonly StreamStep[] = ["polled", "windowOpened", "copied", "checked", "merged", "recorded", "committed"];

const killed: Fault = {
  name: "kill -9 at any time",
  number: "1",
  side: "process",
  async strike({ streams, dice }) {
    await sleep(dice.below(25));
    streams.worker?.signal("SIGKILL");
    return undefined;
  },
};

/** Armed at the start of the run, with the scenario's step. */
export const killedAtPoint: Fault = {
  name: "kill -9 at a named point",
  number: "2",
  side: "process",
  strike: () => Promise.resolve(undefined),
};

const terminated: Fault = {
  name: "SIGTERM in the middle of a batch",
  number: "3",
  side: "process",
  async strike(play) {
    play.streams.worker?.arm({ step: pick(play.dice, OFTEN), nth: 1, act: "hold" });
    await play.streams.worker?.untilStruck(60);
    play.streams.worker?.signal("SIGTERM");
    play.streams.worker?.go();
    return undefined;
  },
};

const frozen: Fault = {
  name: "SIGSTOP until another process has taken over",
  number: "4",
  side: "process",
  strike({ streams, scenario, dice }) {
    streams.start();
    const { worker } = streams;
    worker?.arm({ step: pick(dice, OFTEN), nth: 1 + dice.below(3), act: "freeze" });
    return Promise.resolve(async () => {
      await worker?.untilStruck(50);
      await sleep(scenario.leaseTtlMs * (0.5 + dice.below(3)));
      worker?.signal("SIGCONT");
    });
  },
};

const stalled: Fault = {
  name: "event loop stalled longer than the lease",
  number: "6",
  side: "process",
  strike(play: Play) {
    const forMs = play.scenario.leaseTtlMs * 1.4;
    play.streams.worker?.arm({ step: pick(play.dice, OFTEN), nth: 1 + play.dice.below(3), act: "stall", forMs });
    return Promise.resolve(undefined);
  },
};

export const PROCESS_FAULTS: readonly Fault[] = [killed, killedAtPoint, terminated, frozen, stalled];
