import { setTimeout as sleep } from "node:timers/promises";
import { Dice } from "../../sandbox/sqlserver/feed/dice";
import type { Heal, Play } from "./fault";
import { judge, type Finding } from "./judge";
import type { Lane } from "./lane";
import { needs, scenarioOf, type Scenario } from "./scenario";
import type { TenantSource } from "./source-side";
import { Streams } from "./streams";
import { TABLES } from "./tables";
import { Watch } from "./watch";
import type { Outcome, WorkerSettings } from "./worker";
import { Workload, type Feature } from "./workload";

/** Longest time until a stream without faults has begun, also on a machine that does much else. */
/** Only against hanging: a busy machine takes long. */
const SETTLED_MS = 300_000;

/** What came of a run. */
export interface RunReport {
  readonly scenario: Scenario;
  readonly findings: readonly Finding[];
  /** What the streams told. */
  readonly said: readonly string[];
  readonly features: ReadonlySet<Feature>;
  readonly killedAt: readonly string[];
  readonly reads: number;
  readonly durationMs: number;
}

/** Runs a seed: random transactions and faults at once, then all is healed and the stream finishes, then both ends are compared. */
export async function runSeed(lane: Lane, seed: number): Promise<RunReport> {
  const started = Date.now();
  const scenario = scenarioOf(seed);
  const sources = await lane.side.begin(scenario.tenants, scenario.preload);
  await lane.sink.begin();
  const play = playOf(lane, scenario, sources);
  const { watch, streams, workload } = play;
  let findings: Finding[];
  watch.start();
  try {
    streams.start(scenario.arm);
    if (scenario.settled) await settled(play);
    await disturb(play, sources);
    if (scenario.arm !== undefined && scenario.arm.step !== "closing") await untilKilled(play, sources);
    await streams.stop();
    const outcome = await finish(play, sources);
    await watch.stop();
    findings = await judge(play, sources, outcome);
  } catch (error) {
    findings = [{ verdict: "other", text: error instanceof Error ? (error.stack ?? error.message) : String(error) }];
  } finally {
    await streams.stop();
    await watch.stop();
  }
  const { said, killedAt } = streams;
  const durationMs = Date.now() - started;
  return { scenario, findings, said, features: workload.features, killedAt, reads: watch.reads, durationMs };
}

function playOf(lane: Lane, scenario: Scenario, sources: readonly TenantSource[]): Play {
  const { side, sink, server } = lane;
  const dice = new Dice(scenario.seed * 104_729 + 1);
  const faults = scenario.faults.map(({ fault }) => fault);
  const relay = needs(faults, "relay") ? lane.relay : undefined;
  const isStrict = scenario.settled && faults.every(({ effect }) => effect !== "recopy");
  const workload = new Workload(side, dice);
  const settings = (holder: string): WorkerSettings => settingsOf(lane, scenario, sources, holder);
  return {
    scenario,
    dice,
    side,
    sink,
    server,
    relay,
    workload,
    watch: new Watch(side, sink, sources, isStrict),
    streams: new Streams(lane.workers, settings, scenario.sameHolder),
    transact: async (source, count) => {
      for (let left = count; left > 0; left -= 1) await workload.transaction(source);
    },
    caughtUp: (source) => caughtUp(lane, source),
  };
}

function settingsOf(
  { sink, relay }: Lane,
  scenario: Scenario,
  sources: readonly TenantSource[],
  holder: string,
): WorkerSettings {
  const { mode, windowRows, snapshotRows, leaseTtlMs, behindMs, faults } = scenario;
  const isRelayed = faults.some(({ fault }) => fault.needs?.relay === true);
  const tables = TABLES.map((table) => ({ schema: "dbo", table, snapshot: mode, ownInstances: [] }));
  return {
    pipeline: "stream",
    topology: {
      sources: sources.map(({ tenant, database }) => ({ connection: "erp", database, tenants: [tenant], tables })),
    },
    sources: Object.fromEntries(sources.map(({ database, config }) => [database, config])),
    sink: { ...sink.config, ...(isRelayed ? { port: relay.port } : {}) },
    pollMs: { min: 3, max: 50 },
    windowRows,
    snapshotRows,
    holder,
    leaseTtlMs,
    longestRetryMs: 60,
    ...(behindMs === undefined ? {} : { behindMs }),
  };
}

/** Writes transactions, and lets the faults strike and end in between. */
async function disturb(play: Play, sources: readonly TenantSource[]): Promise<void> {
  const { scenario, dice } = play;
  const heals: { readonly at: number; readonly heal: Heal }[] = [];
  for (let number = 0; number < scenario.transactions; number += 1) {
    for (const { fault, after, lasts, source } of scenario.faults) {
      if (after !== number) continue;
      const heal = await fault.strike(play, sourceOf(sources, source));
      if (heal !== undefined) heals.push({ at: number + lasts, heal });
    }
    for (const { heal } of heals.filter(({ at }) => at === number)) await heal();
    await play.workload.transaction(sourceOf(sources, dice.below(3)));
    if (dice.below(3) === 0) await sleep(dice.below(12));
  }
  for (const { heal } of heals.filter(({ at }) => at >= scenario.transactions)) await heal();
}

/** Goes on with transactions until the process that is to die at a step has come to it, or a while. */
async function untilKilled({ streams, workload }: Play, sources: readonly TenantSource[]): Promise<void> {
  for (let left = 150; left > 0 && streams.killedAt.length === 0; left -= 1) {
    await workload.transaction(sourceOf(sources, left));
    await sleep(25);
  }
}

function sourceOf(sources: readonly TenantSource[], place: number): TenantSource {
  const source = sources[place % sources.length];
  if (source === undefined) throw new Error("a run has a source");
  return source;
}

/** Everything is captured, and a stream takes it all; tables with lost changes only once they may be copied anew. */
async function finish(play: Play, sources: readonly TenantSource[]): Promise<Outcome> {
  const { scenario, streams, side } = play;
  for (const source of sources) side.captureAll(source);
  const outcome = await streams.once();
  const stopped = (outcome.tables ?? []).filter(({ state }) => state === "stopped");
  const lost = stopped.filter(({ problem }) => problem?.code === "CDC_SOURCE_GAP");
  const mayLose = scenario.mode !== "when_needed" && scenario.faults.some(({ fault }) => fault.effect === "recopy");
  if (lost.length === 0 || !mayLose) return outcome;
  return streams.once({ snapshot: "when_needed" });
}

/** Waits until all tables are streamed. */
async function settled({ sink, scenario }: Play): Promise<void> {
  const wanted = scenario.tenants.length * TABLES.length;
  const asked = "SELECT FROM cdc_management.source_tables WHERE state = 'streaming'";
  const deadline = Date.now() + SETTLED_MS;
  while ((await sink.query(asked)).length !== wanted) {
    if (Date.now() > deadline) throw new Error(`the tables are not streamed after ${String(SETTLED_MS)} ms`);
    await sleep(10);
  }
}

async function caughtUp({ side, sink }: Lane, source: TenantSource): Promise<boolean> {
  side.captureAll(source);
  const last = (await side.log(source)).at(-1);
  const asked = "SELECT FROM cdc_management.sources WHERE source = $1 AND position >= decode($2, 'hex')";
  for (let left = 200; left > 0; left -= 1) {
    if ((await sink.query(asked, [`erp/${source.database}`, last?.lsn ?? ""])).length > 0) return true;
    await sleep(10);
  }
  return false;
}
