import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { demand } from "../verdict";

const SLOWLY_MS = 50;
const LARGE_BYTES = 1024 * 1024;

/** Forms of the first line that have to be taken, and those that have to be refused. */
export const START_CASES: readonly ConformanceCase[] = [
  {
    name: "start/command",
    proves: "a command with its config is answered by a handshake",
    role: "any",
    run: (kit) => kit.startReady(),
  },
  {
    name: "start/bare-config",
    proves: "a config alone means run, without a relay",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: `${JSON.stringify(kit.subject.config)}\n` });
      if (kit.subject.role === "output") await endsWell(run);
      else await sendsSomething(kit, run);
    },
  },
  {
    name: "start/older-relay",
    proves: "a command without a protocol version, as older relays write it, is taken",
    role: "any",
    run: async (kit) => {
      const { config } = kit.subject;
      await kit.leave(await kit.startReady({ first: `${JSON.stringify({ command: "run", config })}\n` }));
    },
  },
  {
    name: "start/unknown-keys",
    proves: "keys of the first line that it doesn't know are ignored",
    role: "any",
    run: async (kit) => {
      const line = JSON.parse(kit.startLine()) as object;
      await kit.startReady({ first: `${JSON.stringify({ later: { a: [1] }, ...line, more: null })}\n` });
    },
  },
  {
    name: "start/any-order",
    proves: "keys of the first line come in any order, with blanks",
    role: "any",
    run: async (kit) => {
      const keys = Object.entries(JSON.parse(kit.startLine()) as object).reverse();
      const line = JSON.stringify(Object.fromEntries(keys), undefined, 1).replaceAll("\n", " ");
      await kit.startReady({ first: `  ${line}\n` });
    },
  },
  {
    name: "start/windows-line-end",
    proves: "a carriage return before the line end is a blank",
    role: "any",
    run: (kit) => kit.startReady({ first: kit.startLine().replace(/\n$/, "\r\n") }),
  },
  {
    name: "start/in-pieces",
    proves: "the first line may come in pieces, cut inside a character",
    role: "any",
    run: async (kit) => {
      const line = Buffer.from(kit.startLine({ task: "größe 語 😀" }));
      const cut = line.indexOf("語") + 1;
      const run = await kit.start({ first: "" });
      await kit.isReading(run);
      const pieces = [
        line.subarray(0, cut),
        line.subarray(cut, cut + 1),
        line.subarray(cut + 1, -1),
        line.subarray(-1),
      ];
      for (const piece of pieces) {
        await run.write(piece);
        // One that has all of it need not come to rest: an input goes on with its changes.
        await run.settles(SLOWLY_MS, () => run.out.handshake !== undefined);
      }
      await kit.ready(run);
    },
  },
  {
    name: "start/large",
    proves: "a first line of 1 MB is taken",
    role: "any",
    run: async (kit) => {
      const line = JSON.parse(kit.startLine()) as object;
      await kit.startReady({ first: `${JSON.stringify({ ...line, padding: "x".repeat(LARGE_BYTES) })}\n` });
    },
  },
  {
    name: "start/newer-protocol",
    proves: "a newer relay is answered: with its own version, or with an error",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: kit.startLine({ protocol: 99 }) });
      await run.until(() => run.out.handshake !== undefined);
      demand(run.out.handshake !== undefined, () => `there was no answer: ${run.ending()}`);
    },
  },
  {
    name: "start/sigterm",
    proves: "SIGTERM ends it in time while it waits for the first line",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: "" });
      await kit.isReading(run);
      run.kill("SIGTERM");
      demand(await run.over(), "it went on");
    },
  },
  refused("start/no-json", "a first line that is no JSON is refused", "Starting up...\n"),
  refused("start/no-object", "a first line that is no object is refused", "[1,2]\n"),
  refused("start/no-config", "a config that is no object is refused", '{"command":"run","config":5,"protocol":1}\n'),
  refused(
    "start/unknown-command",
    "a command that it doesn't know is refused",
    '{"command":"dance","config":{},"protocol":1}\n',
  ),
  refused("start/nothing", "an stdin that ends without a line is refused", ""),
];

function refused(name: string, proves: string, first: string): ConformanceCase {
  return {
    name,
    proves: `${proves}, with an exit code other than 0`,
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first });
      run.end();
      demand(await run.over(), "it went on");
      demand(run.exit?.code !== 0, "it exited with code 0");
      demand(run.out.dataCount === 0, "it sent data");
      demand(run.out.handshake?.type !== "ready", "it said that it is ready");
    },
  };
}

async function endsWell(run: ProviderRun): Promise<void> {
  run.end();
  demand(await run.over(), "it didn't end when stdin did");
  demand(run.exit?.code === 0, () => run.ending());
}

/** The same as in an ordinary run. */
async function sendsSomething(kit: Kit, run: ProviderRun): Promise<void> {
  const ordinary = await kit.probe();
  const [expected] = ordinary.out.data;
  run.end();
  if (expected === undefined) {
    await run.sends(1);
    demand(run.exit === undefined || run.exit.code === 0, () => run.ending());
    return;
  }
  await run.until(() => run.out.dataCount > 0);
  demand(run.out.dataCount > 0, () => `it sent nothing: ${run.ending()}`);
}
