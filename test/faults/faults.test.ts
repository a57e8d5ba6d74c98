import { openLane, openOwnLane, type Lane } from "./lane";
import { runText, Tally } from "./report";
import { runSeed } from "./run-seed";
import { needs, scenarioOf } from "./scenario";
import { Workers } from "./worker";

const ONE = process.env["CDC_FAULT_SEED"];
const RUNS = Number(process.env["CDC_FAULT_RUNS"] ?? (process.env["CDC_SOAK"] === undefined ? 1_000 : 10_000));
const SEEDS = ONE === undefined ? Array.from({ length: RUNS }, (_, n) => n + 1) : ONE.split(",").map(Number);
const LANES = Number(process.env["CDC_FAULT_LANES"] ?? 5);
const FAILURES_SHOWN = 5;

jest.setTimeout(RUNS * 3_000 + 120_000);

const workers = new Workers(3);
const lanes: Lane[] = [];

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
  await workers.close();
});

function wantsOwnServer(seed: number): boolean {
  return needs(
    scenarioOf(seed).faults.map(({ fault }) => fault),
    "ownServer",
  );
}

async function runAll(lane: Lane, seeds: number[], tally: Tally): Promise<void> {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    if (tally.failures.length >= FAILURES_SHOWN) return;
    const report = await runSeed(lane, seed);
    if (ONE !== undefined) process.stdout.write(`${runText(report)}\n`);
    tally.add(report);
  }
}

test("in any history with faults no change is lost, duplicated, misordered or torn", async () => {
  const tally = new Tally();
  const crashing = SEEDS.filter(wantsOwnServer);
  const others = SEEDS.filter((seed) => !crashing.includes(seed));
  const count = Math.min(LANES, others.length);
  for (let lane = 0; lane < count; lane += 1) lanes.push(await openLane(workers));
  const work = lanes.map((lane) => runAll(lane, others, tally));
  if (crashing.length > 0) {
    const own = await openOwnLane(workers);
    lanes.push(own);
    work.push(runAll(own, crashing, tally));
  }
  await Promise.all(work);
  process.stdout.write(tally.table(workers.passed));
  expect(tally.failures.map(runText).join("\n\n")).toBe("");
  expect(tally.runs).toBe(SEEDS.length);
  if (ONE === undefined && RUNS >= 1_000) expect(tally.missing()).toEqual([]);
});
