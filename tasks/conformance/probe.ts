import type { HandshakeLine } from "../protocol/handshake";
import type { Kit } from "./kit";
import type { Exit, ProviderRun } from "./provider-run";
import { sampleLines } from "./sample-lines";
import type { Transcript } from "./transcript";

/** An ordinary run, from the first line to the end. */
export interface Probe {
  readonly out: Transcript;
  readonly stderr: string;
  readonly handshake: HandshakeLine | undefined;
  readonly capabilities: readonly string[];
  /** Undefined: it had to be killed. */
  readonly exit: Exit | undefined;
  /** An input that had no more, before it was told to stop. */
  readonly endedByItself: boolean;
  /** Data lines that an output was sent. */
  readonly sent: number;
  /** From the start to the handshake. */
  readonly readyMs: number;
  /** How it ended, in words. */
  readonly ending: string;
}

/** Enough to see how it behaves; of a slow source, so many at least. */
const ENOUGH_LINES = 300;
const LEAST_LINES = 20;
const READING_MS = 5_000;

/** Runs the provider once as a relay would, with acks, and stops it. */
export async function probe(kit: Kit): Promise<Probe> {
  const startedMs = Date.now();
  const run = await kit.start();
  await run.until(() => run.out.handshake !== undefined);
  const readyMs = Date.now() - startedMs;
  const isInput = kit.subject.role === "input";
  const endedByItself = isInput ? await readInput(run) : await writeOutput(kit, run);
  const isOver = await run.over();
  const { out, stderr } = run;
  const found = {
    ...{ out, stderr, handshake: out.handshake, capabilities: capabilitiesOf(out.handshake), endedByItself },
    ...{ exit: isOver ? run.exit : undefined, sent: isInput ? 0 : ENOUGH_LINES, readyMs, ending: run.ending() },
  };
  await run.destroy();
  return found;
}

/** Words that a handshake names. */
export function capabilitiesOf(handshake: HandshakeLine | undefined): readonly string[] {
  return handshake?.type === "ready" ? handshake.capabilities : [];
}

/** Reads until there is enough, or nothing more comes; confirms it, and stops the input. */
async function readInput(run: ProviderRun): Promise<boolean> {
  if (!takesAcks(run)) run.end();
  await run.sends(LEAST_LINES);
  await run.sends(ENOUGH_LINES, READING_MS);
  const endedByItself = run.isOver || run.out.isEnded;
  if (takesAcks(run)) await run.ack(run.out.dataCount);
  run.end();
  if (!endedByItself) run.kill("SIGTERM");
  return endedByItself;
}

function takesAcks(run: ProviderRun): boolean {
  const capabilities = capabilitiesOf(run.out.handshake);
  return capabilities.includes("ack") || capabilities.includes("state");
}

async function writeOutput(kit: Kit, run: ProviderRun): Promise<boolean> {
  await run.write(`${sampleLines(kit.subject, ENOUGH_LINES).join("\n")}\n`);
  run.end();
  return false;
}
