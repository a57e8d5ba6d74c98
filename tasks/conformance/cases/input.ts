import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { applies, demand } from "../verdict";

/** Bytes that fit into pipe and stream buffers, generously. */
const BUFFERED_BYTES = 100 * 1024 * 1024;
const PAUSE_MS = 1_500;
const SENDS_ON_MS = 3_000;
/** How an input starts, stops and waits. */
export const INPUT_CASES: readonly ConformanceCase[] = [
  {
    name: "input/slow-reader",
    proves: "a reader that pauses costs no line, and memory stays bounded",
    role: "input",
    run: async (kit) => {
      const run = await kit.startReady();
      await someLines(run);
      const before = run.memoryBytes();
      run.pause();
      await run.until(() => false, PAUSE_MS);
      const after = run.memoryBytes();
      run.resume();
      await stop(run);
      demand(run.out.stray.length === 0, () => run.out.stray[0] ?? "");
      const more = (after ?? 0) - (before ?? 0);
      demand(
        more < BUFFERED_BYTES,
        `it held ${String(Math.round(more / 1e6))} MB more after ${String(PAUSE_MS)} ms without a reader`,
      );
    },
  },
  {
    name: "input/stdin-end",
    proves: "the end of stdin stops it, with exit code 0",
    role: "input",
    run: async (kit) => {
      await goesOn(kit);
      const run = await kit.startReady();
      await takesAcks(kit);
      await someLines(run);
      run.end();
      demand(await run.over(), "it went on");
      demand(run.exit?.code === 0, () => run.ending());
    },
  },
  {
    name: "input/sigterm",
    proves: "SIGTERM stops it in time, with exit code 0 and whole lines",
    role: "input",
    run: async (kit) => {
      const run = await kit.startReady();
      await goesOn(kit);
      await someLines(run);
      run.kill("SIGTERM");
      demand(await run.over(), "it went on");
      endedWell(run);
    },
  },
  {
    name: "input/stopped-by-a-relay",
    proves: "the end of stdin and SIGTERM together stop it as well: they are one request",
    role: "input",
    run: async (kit) => {
      const run = await kit.startReady();
      await goesOn(kit);
      await someLines(run);
      await stop(run);
      endedWell(run);
    },
  },
  {
    name: "input/sigterm-while-full",
    proves: "SIGTERM stops it also while nobody reads; what it wrote is whole lines then",
    role: "input",
    run: async (kit) => {
      await goesOn(kit);
      const run = await kit.startReady();
      run.pause();
      await run.until(() => false, PAUSE_MS);
      run.kill("SIGTERM");
      run.resume();
      demand(await run.over(), "it went on");
      demand(
        run.out.torn === undefined && run.out.stray.length === 0,
        () => `a line is cut: ${run.out.stray[0] ?? ""}`,
      );
    },
  },
  {
    name: "input/reader-gone",
    proves: "it ends when nobody reads any more",
    role: "input",
    run: async (kit) => {
      await goesOn(kit);
      const run = await kit.startReady();
      await someLines(run);
      const before = run.out.dataCount;
      const sendsOn = await run.until(() => run.out.dataCount > before, SENDS_ON_MS);
      applies(sendsOn, "it has nothing more to send with this config, and so doesn't notice");
      run.closeStdout();
      demand(await run.until(() => run.exit !== undefined), "it went on");
    },
  },
  {
    name: "input/eof-is-last",
    proves: "nothing follows the end of the stream, and the exit code is 0",
    role: "input",
    run: async (kit) => {
      const { out, endedByItself, exit, ending, handshake } = await kit.probe();
      applies(endedByItself, "it has no end with this config");
      applies(handshake?.type === "ready", "an older provider: its exit is the end");
      const last = out.controls.at(-1);
      demand(last?.message.type === "eof", `the last control line is ${last?.message.type ?? "missing"}`);
      demand(last.after === out.dataCount, "data follows it");
      demand(exit?.code === 0, ending);
    },
  },
  {
    name: "input/acks-at-any-time",
    proves: "acks are taken at any time, for nothing too",
    role: "input",
    run: async (kit) => {
      await takesAcks(kit);
      const run = await kit.startReady();
      for (const count of [0, 0, 1]) await run.write(`{"type":"ack","count":${String(count)}}\n`);
      await someLines(run);
      await run.write(`{"type":"ack","count":${String(run.out.dataCount)}}\n`);
      await run.until(() => false, 100);
      demand(run.exit === undefined || run.exit.code === 0, () => run.ending());
    },
  },
  {
    name: "input/unknown-control-lines",
    proves: "control lines that it doesn't know don't end it badly",
    role: "input",
    run: async (kit) => {
      await takesAcks(kit);
      const run = await kit.startReady();
      await run.write('{"type":"later","count":1}\n');
      await run.until(() => run.isOver, 500);
      demand(run.exit === undefined || run.exit.code === 0, () => run.ending());
    },
  },
  {
    name: "input/heartbeat",
    proves: "it shows that it lives while it has nothing to send",
    role: "input",
    run: async (kit) => {
      const { capabilities, endedByItself } = await kit.probe();
      applies(capabilities.includes("heartbeat"), "it doesn't say that it sends heartbeats");
      applies(!endedByItself, "it has no idle time with this config");
      const run = await kit.startReady();
      const beats = () => run.out.controls.some(({ message }) => message.type === "heartbeat");
      demand(await run.until(beats), `there was none within ${String(kit.subject.limitMs / 1000)} s`);
    },
  },
];

async function goesOn(kit: Kit): Promise<void> {
  const { endedByItself } = await kit.probe();
  applies(!endedByItself, "it ends by itself with this config");
}

async function takesAcks(kit: Kit): Promise<void> {
  const { capabilities } = await kit.probe();
  applies(
    capabilities.includes("ack") || capabilities.includes("state"),
    "it doesn't say that it reads acks: its stdin is closed",
  );
}

/** A few data lines, where there are any. */
async function someLines(run: ProviderRun): Promise<void> {
  await run.until(() => run.out.dataCount >= 10, 2_000);
}

function endedWell(run: ProviderRun): void {
  demand(run.exit?.code === 0, () => run.ending());
  demand(run.out.torn === undefined && run.out.stray.length === 0, () => `a line is cut: ${run.out.stray[0] ?? ""}`);
}

async function stop(run: ProviderRun): Promise<void> {
  run.end();
  run.kill("SIGTERM");
  demand(await run.over(), "it didn't stop");
}
