import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { lineWith, sampleLines } from "../sample-lines";
import { applies, demand } from "../verdict";

const MANY = 5_000;
const LARGE_BYTES = 1024 * 1024;
const SLOWLY_MS = 20;
const PAUSE_MS = 1_000;

/** How an output takes, writes and confirms lines. */
export const OUTPUT_CASES: readonly ConformanceCase[] = [
  {
    name: "output/acks-never-go-back",
    proves: "acks are cumulative: their counts never go back",
    role: "output",
    run: async (kit) => {
      const run = await taken(kit, sampleLines(kit.subject, MANY));
      let before = 0;
      for (const count of acksOf(run)) {
        demand(count >= before, `${String(count)} after ${String(before)}`);
        before = count;
      }
    },
  },
  {
    name: "output/acks-only-what-was-sent",
    proves: "no line is confirmed that it hasn't got",
    role: "output",
    run: async (kit) => {
      await acking(kit);
      const run = await kit.startReady();
      for (let sent = 0; sent < 50; sent += 10) {
        await run.write(
          sampleLines(kit.subject, 10, sent + 1)
            .map(withEnd)
            .join(""),
        );
        await run.answers(() => run.out.acked >= sent + 10);
        demandNoMore(run, sent + 10);
      }
      run.end();
      await run.over();
      demandNoMore(run, 50);
    },
  },
  {
    name: "output/acks-without-an-end",
    proves: "lines are confirmed while stdin stays open",
    role: "output",
    run: async (kit) => {
      await acking(kit);
      const run = await kit.startReady();
      await run.write(sampleLines(kit.subject, 25).map(withEnd).join(""));
      demand(await run.answers(() => run.out.acked === 25), `${String(run.out.acked)} of 25 lines are confirmed`);
      await run.write(withEnd(sampleLines(kit.subject, 1, 26)[0] ?? ""));
      demand(await run.answers(() => run.out.acked === 26), "a line that comes alone later isn't");
    },
  },
  {
    name: "output/drains-at-the-end",
    proves: "the end of stdin means: write the rest, confirm all of it, exit with 0",
    role: "output",
    run: (kit) => taken(kit, sampleLines(kit.subject, 300)),
  },
  {
    name: "output/no-lines",
    proves: "an stdin that ends without a line is fine",
    role: "output",
    run: (kit) => taken(kit, []),
  },
  {
    name: "output/many-lines",
    proves: `${String(MANY)} lines in one go arrive, all confirmed`,
    role: "output",
    run: (kit) => taken(kit, sampleLines(kit.subject, MANY)),
  },
  {
    name: "output/with-the-first-line",
    proves: "data that comes in one piece with the first line isn't lost",
    role: "output",
    run: async (kit) => {
      const lines = sampleLines(kit.subject, 3);
      const run = await kit.start({ first: kit.startLine() + lines.map(withEnd).join("") });
      await kit.ready(run);
      await drained(kit, run, lines.length);
    },
  },
  {
    name: "output/lines-in-pieces",
    proves: "lines may come in pieces, cut inside a character",
    role: "output",
    run: async (kit) => {
      const line = lineWith(kit.subject, "größe 語 😀");
      applies(line !== undefined, "the given lines have no text to replace");
      const bytes = Buffer.from(withEnd(line).repeat(2));
      const cut = bytes.indexOf("語") + 1;
      const run = await kit.startReady();
      for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut, cut + 1), bytes.subarray(cut + 1)]) {
        await run.write(piece);
        await run.settles(SLOWLY_MS);
      }
      await drained(kit, run, 2);
    },
  },
  {
    name: "output/large-line",
    proves: "a line of 1 MB is taken",
    role: "output",
    run: async (kit) => {
      const line = lineWith(kit.subject, "x".repeat(LARGE_BYTES));
      applies(line !== undefined, "the given lines have no text to replace");
      await taken(kit, [line]);
    },
  },
  {
    name: "output/metadata-first",
    proves: "metadata may come before data",
    role: "output",
    run: async (kit) => {
      const [line = "{}"] = sampleLines(kit.subject, 1);
      const { data, metadata } = JSON.parse(line) as Record<string, unknown>;
      await taken(kit, [JSON.stringify({ metadata, data })]);
    },
  },
  {
    name: "output/unknown-metadata",
    proves: "keys of an envelope that it doesn't know are ignored",
    role: "output",
    run: async (kit) => {
      const [line = "{}"] = sampleLines(kit.subject, 1);
      const { data, metadata } = JSON.parse(line) as { data: object; metadata: object };
      await taken(kit, [JSON.stringify({ data, metadata: { ...metadata, Later: { a: 1 } }, later: true })]);
    },
  },
  {
    name: "output/torn-last-line",
    proves: "a last line without its end isn't confirmed: it was cut off, and comes again",
    role: "output",
    run: async (kit) => {
      await acking(kit);
      const [first = "", second = ""] = sampleLines(kit.subject, 2);
      const run = await kit.startReady();
      await run.write(withEnd(first) + second.slice(0, -5));
      run.end();
      demand(await run.over(), "it didn't end");
      demand(run.out.acked <= 1, `${String(run.out.acked)} lines are confirmed`);
    },
  },
  {
    name: "output/bad-line",
    proves: "a line that is no JSON ends it with an error, or is put aside; it doesn't hang",
    role: "output",
    run: async (kit) => {
      const run = await kit.startReady();
      await run.write('{"data":{"Id":\n');
      run.end();
      demand(await run.over(), "it didn't end");
      demand(run.exit?.code !== 0 || run.out.acked <= 1, "it confirmed a line that wasn't there");
    },
  },
  {
    name: "output/relay-reads-slowly",
    proves: "acks that nobody reads for a while hold nothing up for good",
    role: "output",
    run: async (kit) => {
      const run = await kit.startReady();
      run.pause();
      const written = run.write(sampleLines(kit.subject, MANY).map(withEnd).join(""));
      await run.settles(PAUSE_MS);
      run.resume();
      await written;
      await drained(kit, run, MANY);
    },
  },
  {
    name: "output/again-after-kill",
    proves: "after kill -9 the same lines are taken again",
    role: "output",
    run: async (kit) => {
      const lines = sampleLines(kit.subject, 100);
      const { capabilities } = await kit.probe();
      const first = await kit.startReady();
      await first.write(lines.map(withEnd).join(""));
      await (capabilities.includes("ack") ? first.answers(() => first.out.acked > 0) : first.settles(PAUSE_MS));
      first.kill("SIGKILL");
      await first.over();
      await taken(kit, lines);
    },
  },
  {
    name: "output/sigterm",
    proves: "SIGTERM ends it in time with exit code 0; what it confirmed it had",
    role: "output",
    run: async (kit) => {
      const run = await kit.startReady();
      await run.write(sampleLines(kit.subject, 20).map(withEnd).join(""));
      run.kill("SIGTERM");
      demand(await run.over(), "it went on");
      demand(run.exit?.code === 0, () => run.ending());
      demand(run.out.acked <= 20, `${String(run.out.acked)} of 20 lines are confirmed`);
    },
  },
  {
    name: "output/heartbeat",
    proves: "it shows that it lives while nothing comes",
    role: "output",
    run: async (kit) => {
      const { capabilities } = await kit.probe();
      applies(capabilities.includes("heartbeat"), "it doesn't say that it sends heartbeats");
      const run = await kit.startReady();
      const beats = () => run.out.controls.some(({ message }) => message.type === "heartbeat");
      demand(await run.answers(beats), "there was none");
    },
  },
];

const withEnd = (line: string): string => `${line}\n`;

async function acking(kit: Kit): Promise<void> {
  const { capabilities } = await kit.probe();
  applies(capabilities.includes("ack"), "an older output: its exit code confirms all lines");
}

/** Sends lines and the end, and waits until all of them are confirmed. */
async function taken(kit: Kit, lines: readonly string[]): Promise<ProviderRun> {
  const run = await kit.startReady();
  for (let at = 0; at < lines.length; at += 500)
    await run.write(
      lines
        .slice(at, at + 500)
        .map(withEnd)
        .join(""),
    );
  await drained(kit, run, lines.length);
  return run;
}

async function drained(kit: Kit, run: ProviderRun, count: number): Promise<void> {
  const { capabilities } = await kit.probe();
  run.end();
  demand(await run.over(), "it didn't end when stdin did");
  demand(run.exit?.code === 0, () => run.ending());
  if (capabilities.includes("ack"))
    demand(run.out.acked === count, `${String(run.out.acked)} of ${String(count)} lines are confirmed`);
}

/** Of all acks, not only of the newest: a later one may have put it right. */
function demandNoMore(run: ProviderRun, sent: number): void {
  const most = Math.max(0, ...acksOf(run));
  demand(most <= sent, `${String(most)} of ${String(sent)} lines are confirmed`);
}

function acksOf(run: ProviderRun): number[] {
  return run.out.controls.flatMap(({ message }) => (message.type === "ack" ? [message.count] : []));
}
