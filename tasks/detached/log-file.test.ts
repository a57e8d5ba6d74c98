import fs, { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { runCdc } from "../../test/harness/captured-io";
import { temporaryFolder } from "../../test/harness/task-lab";
import { LogFile, logPaths } from "./log-file";
import type { LogLine } from "./log-line";
import { readLog } from "./read-log";
import { readRecord } from "./run-record";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

async function read(directory: string, tail?: number): Promise<string[]> {
  const texts: string[] = [];
  const lines: AsyncIterable<LogLine & { text?: string }> = readLog(directory, tail === undefined ? {} : { tail });
  for await (const { text = "" } of lines) texts.push(text);
  return texts;
}

test("whatever is logged, the newest lines are there in order, and no file grows beyond its size", async () => {
  const texts = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean()), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 500, max: 2_000 }), async (lines, limit) => {
      const own = temporaryFolder();
      try {
        const logged = lines.map(([length], index) => `${String(index)} ${"x".repeat(length)}`);
        let log = new LogFile(own.path, limit);
        for (const [index, text] of logged.entries()) {
          log.add({ level: "info", event: "text", text }, true);
          if (lines[index]?.[1] !== true) continue;
          // The next run goes on in the same files.
          log.close();
          log = new LogFile(own.path, limit);
        }
        log.close();
        const kept = await read(own.path);
        expect(kept).toEqual(logged.slice(-kept.length));
        expect(await read(own.path, 3)).toEqual(logged.slice(-Math.min(3, kept.length)));
        const sizes = logPaths(own.path).map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
        // Only what two full files don't hold is gone.
        if (kept.length < logged.length) expect(sizes.every((size) => size > 0)).toBe(true);
      } finally {
        own.remove();
      }
    }),
    { numRuns: 60 },
  );
});

test.each([1, 2, 3, 4, 5, 6, 7])(
  "lines come once when the log rotates at access %i of the first read",
  async (rotation) => {
    const limit = 150;
    const log = new LogFile(folder.path, limit);
    const logged = Array.from({ length: 8 }, (_, index) => `${String(index)} ${"x".repeat(80)}`);
    for (const text of logged.slice(0, 6)) log.add({ level: "info", event: "text", text }, true);
    // The same moment whichever way the reader takes to its files.
    let left = rotation;
    const spies = (["openSync", "readFileSync", "statSync"] as const).map((name) => {
      const plain = fs[name] as (...args: unknown[]) => unknown;
      return jest.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
        if (String(args[0]).includes("log.ndjson") && (left -= 1) === 0)
          for (const text of logged.slice(6)) log.add({ level: "info", event: "text", text }, true);
        return plain(...args);
      }) as never);
    });
    const kept = await read(folder.path);
    for (const spy of spies) spy.mockRestore();
    log.close();
    const first = logged.indexOf(kept[0] ?? "");
    expect(kept).toEqual(logged.slice(first, first + kept.length));
    expect(kept.length).toBeGreaterThanOrEqual(3);
  },
);

test("a run in the background begins another file after 10 MB, and its log tells the newest lines of both", async () => {
  const LINES = 12;
  const tasks = `tasks:
  t:
    input: { provider: counter, config: { max_count: ${String(LINES)}, size: 1000000 } }
    output: { provider: console }
`;
  writeFileSync(join(folder.path, "tasks.yaml"), tasks);
  const cdc = (...argv: string[]) => runCdc([...argv, "-C", folder.path]);
  expect((await cdc("run", "t", "--detach")).code).toBe(0);
  const directory = join(folder.path, ".cdc", "tasks", "t");
  while (readRecord(directory)?.endedAt === undefined) await new Promise((done) => setTimeout(done, 50));
  expect(readRecord(directory)).toMatchObject({ status: "ended", counters: { acked: LINES } });

  const [newest = "", older = "", none = ""] = logPaths(directory);
  expect([existsSync(older), existsSync(none)]).toEqual([true, false]);
  expect(statSync(older).size).toBeLessThanOrEqual(10 * 1024 * 1024);
  expect(statSync(newest).size + statSync(older).size).toBeGreaterThan(LINES * 1_000_000);
  const printed = (await read(directory)).filter((text) => text.startsWith("Insert"));
  expect(printed.map((text) => /"value":(\d+)/.exec(text)?.[1])).toEqual(
    Array.from({ length: LINES }, (_, index) => String(index + 1)),
  );
  expect((await cdc("logs", "t", "--tail", "1")).stdout.length).toBeLessThan(2_000);
});
