import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { counter, temporaryFolder } from "../../test/harness/task-lab";
import { startTask, type TaskProcess } from "../../test/harness/task-process";
import type { ProviderCommand, TaskEvent } from "../relay";

const LINES = 30_000;
/** So large that few of them are in flight. */
const LINE_BYTES = 1_000;
const KILLS = 20;
const OUTPUT = join(__dirname, "..", "..", "test", "processes", "effects-output.cjs");

let folder: ReturnType<typeof temporaryFolder>;
let effectsPath: string;

beforeEach(() => {
  folder = temporaryFolder();
  effectsPath = join(folder.path, "effects");
});

afterEach(() => folder.remove());

function start(): TaskProcess {
  const output: ProviderCommand = {
    name: "effects",
    file: process.execPath,
    args: [OUTPUT],
    config: { path: effectsPath },
  };
  const restart = { max: 1000, firstMs: 1, longestMs: 10 };
  const directory = join(folder.path, "task");
  return startTask({
    task: "killed",
    directory,
    input: counter({ max_count: LINES, size: LINE_BYTES }),
    output,
    restart,
  });
}

function effects(): string[] {
  return existsSync(effectsPath) ? readFileSync(effectsPath, "utf8").split("\n").slice(0, -1) : [];
}

/** Waits until a check holds; false when the task is over before. */
async function until(check: () => boolean, task: TaskProcess): Promise<boolean> {
  while (!check()) {
    if (task.child.exitCode !== null) return false;
    await delay(2);
  }
  return true;
}

/** The process of a provider that is at work now. */
function runningPid(events: readonly TaskEvent[], role: "input" | "output"): number | undefined {
  const attempts = events.slice(events.findLastIndex(({ event }) => event === "restart") + 1);
  if (attempts.filter(({ event }) => event === "ready").length < 2) return undefined;
  return attempts.flatMap((event) => (event.event === "started" && event.role === role ? [event.pid] : []))[0];
}

function expectAllOnce(): void {
  expect(effects()).toEqual(Array.from({ length: LINES }, (_, index) => String(index + 1)));
}

describe("kill -9 at 20 points loses no line and doubles no effect", () => {
  test.each(["input", "output"] as const)(
    "of the %s",
    async (role) => {
      const task = start();
      let killed: number | undefined;
      for (let kill = 0; kill < KILLS; kill++) {
        const pid = () => runningPid(task.events, role);
        expect(await until(() => pid() !== undefined && pid() !== killed, task)).toBe(true);
        // A different number of batches later each time: also at once.
        const goal = effects().length + 17 * kill;
        expect(await until(() => effects().length >= goal, task)).toBe(true);
        killed = pid();
        process.kill(killed ?? 0, "SIGKILL");
      }
      const result = await task.ended;
      expect(result).toMatchObject({ exitCode: 0, ended: "eof", counters: { restarts: KILLS } });
      expectAllOnce();
    },
    180_000,
  );

  test("of the relay", async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const task = start();
      const goal = effects().length + 1 + 53 * kill;
      expect(await until(() => effects().length >= goal, task)).toBe(true);
      task.child.kill("SIGKILL");
      await task.ended;
    }
    const result = await start().ended;
    expect(result).toMatchObject({ exitCode: 0, ended: "eof" });
    expectAllOnce();
  }, 180_000);
});
