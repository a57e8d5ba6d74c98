import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Bench, Variant } from "./bench";
import type { RelayMode, RelayOrder, RelayReport } from "./relay-child";
import type { RelayInputConfig } from "./relay-input";

const LINES = 1_000_000;
const LINE_BYTES = 300;
/** For both providers to be ready: Node starts in a tenth of it. */
const SETTLE_MS = 1_000;

const INPUT = join(__dirname, "relay-input.js");
const OUTPUT = join(__dirname, "..", "tasks", "providers", "bin", "console-output.js");
const CHILD = join(__dirname, "relay-child.js");
const OUTPUT_CONFIG = { outputFormat: "none" };

let folder: string;
let go: string;
let child: ChildProcess;
let said = "";

/** Two providers in Node, and what stands between them. Starting up is not timed. */
export const bench: Bench = {
  name: `relay of ${LINES.toLocaleString("en")} envelopes of ${LINE_BYTES} B`,
  setUp() {
    folder = mkdtempSync(join(tmpdir(), "cdc-bench-relay-"));
    return Promise.resolve();
  },
  tearDown() {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  },
  variants: [
    variant("input | output", startShell),
    variant("control relay: stdout.pipe(stdin)", () => startRelay("pipe")),
    { ...variant("relay, every line parsed", () => startRelay("parsed")), limit: { atLeastPerSecond: 450_000 } },
    { ...variant("relay, passing through", () => startRelay("none")), limit: { atLeastPerSecond: 1_500_000 } },
  ],
};

function variant(name: string, start: () => ChildProcess): Variant {
  return {
    name,
    work: { count: LINES, unit: "envelopes" },
    async prepare() {
      go = join(mkdtempSync(join(folder, "run-")), "go");
      said = "";
      child = start();
      child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      while (!existsSync(`${go}.ready`)) await delay(5);
      await delay(SETTLE_MS);
    },
    async run() {
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      writeFileSync(go, "");
      const code = await ended;
      if (code !== 0) throw new Error(`${name} exited with ${String(code)}`);
    },
    figures: () => Promise.resolve(figuresOf(said)),
  };
}

function figuresOf(text: string) {
  if (text === "") return {};
  const { lines, cpuSeconds } = JSON.parse(text) as RelayReport;
  if (lines !== LINES) throw new Error(`${lines} lines arrived`);
  return { "CPU s in between": cpuSeconds };
}

function inputConfig(): RelayInputConfig {
  return { lines: LINES, bytes: LINE_BYTES, go };
}

function startShell(): ChildProcess {
  const script = `(echo '${JSON.stringify(OUTPUT_CONFIG)}'; echo "$1" | "$0" "$2") | "$0" "$3"`;
  const args = ["-c", script, process.execPath, JSON.stringify(inputConfig()), INPUT, OUTPUT];
  return spawn("sh", args, { stdio: ["ignore", "pipe", "inherit"] });
}

function startRelay(mode: RelayMode): ChildProcess {
  const node = (name: string, file: string, config: object) => ({
    name,
    file: process.execPath,
    args: [file],
    config: { ...config },
  });
  const order: RelayOrder = {
    mode,
    input: node("bench-input", INPUT, inputConfig()),
    output: node("console", OUTPUT, OUTPUT_CONFIG),
  };
  return spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: ["ignore", "pipe", "inherit"] });
}
