import { Dice } from "../../sandbox/sqlserver/feed/dice";
import type { SnapshotMode } from "../../model/topology";
import { STREAM_STEPS, type StreamStep } from "../../stream/run/steps";
import { CAPTURE_FAULTS } from "./capture-faults";
import { COORDINATION_FAULTS } from "./coordination-faults";
import type { Fault } from "./fault";
import { NETWORK_FAULTS } from "./network-faults";
import { killedAtPoint, PROCESS_FAULTS } from "./process-faults";
import { SINK_FAULTS } from "./sink-faults";
import { TENANTS, type Tenant } from "./tables";
import type { Arm } from "./worker";
import { pick } from "./workload";

/** A fault and when it strikes. */
export interface PlannedFault {
  readonly fault: Fault;
  /** Which of the run's sources. */
  readonly source: number;
  /** Number of transactions before it, and until it is healed. */
  readonly after: number;
  readonly lasts: number;
}

/** One run: everything that chance decides, from its seed. */
export interface Scenario {
  readonly seed: number;
  readonly tenants: readonly Tenant[];
  readonly preload: number;
  readonly settled: boolean;
  readonly mode: SnapshotMode;
  readonly transactions: number;
  readonly windowRows: number;
  readonly snapshotRows: number;
  readonly leaseTtlMs: number;
  readonly behindMs: number | undefined;
  readonly sameHolder: boolean;
  readonly faults: readonly PlannedFault[];
  /** What the first process does to itself. */
  readonly arm: Arm | undefined;
}

export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...NETWORK_FAULTS,
  ...CAPTURE_FAULTS,
  ...SINK_FAULTS,
  ...COORDINATION_FAULTS,
];
/** Comes first more often than others: it has many points to go through. */
const KILLS = 4;
const FIRST: readonly Fault[] = [...FAULTS, ...new Array<Fault>(KILLS - 1).fill(killedAtPoint)];
const BEFORE = FAULTS.indexOf(killedAtPoint);
/** Without it, a stream doesn't come to the step. */
const COMPANIONS: Readonly<Partial<Record<StreamStep, string>>> = {
  tableStopped: "permission revoked (229) and granted",
  instanceSwitched: "second capture instance, the first one dropped",
  snapshotReconciled: "cleanup passes a stream that was down",
};
const OFTEN = /^(?:polled|windowOpened|copied|checked|merged|recorded|committed)$/;
const COPYING = /^snapshot(?:Copied|Recorded|Committed)$/;

/** What a seed means. Every fault comes first equally often; kill -9 goes through the named points in turn. */
export function scenarioOf(seed: number): Scenario {
  const dice = new Dice(seed * 7919);
  const first = FIRST[seed % FIRST.length] ?? killedAtPoint;
  const step = first === killedAtPoint ? stepOf(seed) : undefined;
  const faults = chosen(dice, first, step);
  const transactions = 10 + dice.below(12);
  const copies = step !== undefined && COPYING.test(step);
  const isRewound = needs(faults, "whenNeeded");
  return {
    seed,
    tenants: TENANTS.slice(0, pick(dice, [1, 1, 1, 2, 3])),
    preload: copies ? 150 : pick(dice, [0, 0, 30, 150]),
    settled: needs(faults, "settled") || (step !== undefined && step in COMPANIONS) || (!copies && dice.below(2) === 0),
    mode: isRewound || step === "snapshotReconciled" || dice.below(3) === 0 ? "when_needed" : "initial",
    transactions,
    windowRows: pick(dice, [10, 300, 30_000]),
    snapshotRows: pick(dice, [40, 5_000]),
    leaseTtlMs: 500,
    behindMs: isRewound ? 150 : undefined,
    sameHolder: dice.below(2) === 0,
    faults: faults.map((fault) => ({
      fault,
      source: dice.below(3),
      after: dice.below(transactions - 6),
      lasts: 1 + dice.below(6),
    })),
    arm: step === undefined ? undefined : { step, nth: OFTEN.test(step) ? 1 + dice.below(3) : 1, act: "kill" },
  };
}

/** True when one of the faults needs it. */
export function needs(faults: readonly Fault[], what: keyof NonNullable<Fault["needs"]>): boolean {
  return faults.some((fault) => fault.needs?.[what] === true);
}

function stepOf(seed: number): StreamStep {
  const round = Math.floor(seed / FIRST.length);
  const place = seed % FIRST.length;
  const kill = place === BEFORE ? 0 : place - FAULTS.length + 1;
  return STREAM_STEPS[(round * KILLS + kill) % STREAM_STEPS.length] ?? "polled";
}

function chosen(dice: Dice, first: Fault, step: StreamStep | undefined): Fault[] {
  const companion = FAULTS.find(({ name }) => step !== undefined && name === COMPANIONS[step]);
  const list = companion === undefined ? [first] : [first, companion];
  for (let more = dice.below(3); more > 0 && list.length < 3; more -= 1) {
    const other = pick(dice, FAULTS);
    if (fits(list, other)) list.push(other);
  }
  return list;
}

function fits(list: readonly Fault[], other: Fault): boolean {
  const hasEffect = other.effect !== undefined && list.some(({ effect }) => effect !== undefined);
  return !list.includes(other) && !hasEffect && other !== killedAtPoint && other.needs?.ownServer !== true;
}
