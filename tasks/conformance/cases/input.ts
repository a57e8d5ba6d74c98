import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { applies, demand } from "../verdict";

/** Bytes that fit into pipe and stream buffers, generously. */
const BUFFERED_BYTES = 100 * 1024 * 1024;
const PAUSE_MS = 1_500;
const SOME = 10;

/** How an input starts, stops and waits. */
export const INPUT_CASES: readonly ConformanceCase[] = [
  {
    name: "input/slow-reader",
    proves: "a reader that pauses costs no line, and memory stays bounded",
    role: "input",
    run: async (kit) => {
      const run = await kit.startReady();
      await someLines(run);
      const before = run.memoryBytes() ?? 0;
      const more = (): number => (run.memoryBytes() ?? 0) - before;
      run.pause();
      await run.settles(PAUSE_MS, () => more() >= BUFFERED_BYTES);
      demand(more() < BUFFERED_BYTES, () => `it held ${String(Math.round(more() / 1e6))} MB more without a reader`);
      run.resume();
      await stop(run);
      demandWholeLines(run);
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
      await run.settles(PAUSE_MS);
      run.kill("SIGTERM");
      run.resume();
      demand(await run.over(), "it went on");
      demandWholeLines(run);
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
      applies(
        await run.sends(run.out.lineCount + 1),
        "it has nothing more to send with this config, and so doesn't notice",
      );
      run.closeStdout();
      demand(await run.answers(() => run.exit !== undefined), "it went on");
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
      for (const count of [0, 0, 1]) await run.ack(count);
      await someLines(run);
      await run.ack(run.out.dataCount);
      await readsToTheEnd(run);
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
      await readsToTheEnd(run);
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
      demand(await run.answers(beats), "there was none");
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
  await run.sends(SOME);
}

function endedWell(run: ProviderRun): void {
  demand(run.exit?.code === 0, () => run.ending());
  demandWholeLines(run);
}

function demandWholeLines({ out }: ProviderRun): void {
  demand(out.cut === undefined, () => `a line is cut: ${out.cut ?? ""}`);
}

/** The end of stdin comes after all that was written to it: who ends well has read that, too. */
async function readsToTheEnd(run: ProviderRun): Promise<void> {
  run.end();
  demand(await run.over(), "it went on after the end of stdin");
  demand(run.exit?.code === 0, () => run.ending());
}

async function stop(run: ProviderRun): Promise<void> {
  run.end();
  run.kill("SIGTERM");
  demand(await run.over(), "it didn't stop");
}
