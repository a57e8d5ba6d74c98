import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunRecord } from "../tasks/detached";
import { runCdc } from "./harness/captured-io";
import { startCdc } from "./harness/cdc-process";
import { eventually } from "./harness/eventually";
import { temporaryFolder } from "./harness/task-lab";

const TASKS = `
tasks:
  three:
    input: { provider: counter, config: { max_count: 3 } }
    output: { provider: console }
  long:
    input: { provider: counter, config: { interval: 5 } }
    output: { provider: console }
  stubborn:
    input: { provider: counter, config: { interval: 5 } }
    output: { provider_path: ./stubborn.sh }
  refused:
    input: { provider_path: ./refuses.sh }
    output: { provider: console }
`;

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  const script = (name: string, text: string) =>
    writeFileSync(join(folder.path, name), `#!/bin/sh\nread -r config\n${text}\n`, { mode: 0o755 });
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(join(folder.path, "tasks.yaml"), TASKS);
  script("refuses.sh", `echo '{"type":"error","code":"NO_TABLE","message":"no table Orders","retryable":false}'`);
  script("stubborn.sh", `trap '' TERM; echo '{"status":"ready"}'; while :; do sleep 1; done`);
});

afterEach(async () => {
  for (const task of ["long", "stubborn"]) await cdc("stop", task, "--timeout", "1", "--force");
  folder.remove();
});

function cdc(...argv: string[]) {
  return runCdc([...argv, "-C", folder.path]);
}

function record(task: string): RunRecord {
  return JSON.parse(readFileSync(join(folder.path, ".cdc", "tasks", task, "run.json"), "utf8")) as RunRecord;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${String(pid)}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

describe("cdc run <task>", () => {
  test("prints what the output prints, records the run, and goes on where it was", async () => {
    const { code, stdout, stderr } = await cdc("run", "three");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [1, 2, 3].map((value) => `Insert Counter {"value":${String(value)}}\n`).join(""),
    });
    expect(stderr).toContain("task three has ended: its input has no more: 3 lines, 3 confirmed, 0 restarts");
    expect(record("three")).toMatchObject({ status: "ended", exitCode: 0, counters: { lines: 3, acked: 3 } });
    expect((await cdc("run", "three")).stdout).toBe("");
  });

  test("tells every event as a line with --json", async () => {
    const { stdout } = await cdc("run", "three", "--json");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(expect.arrayContaining(["started", "ready", "text", "stopped"]));
  });

  test("fails with 2 and the provider's own words when the handshake fails", async () => {
    const { code, stderr } = await cdc("run", "refused");
    expect(code).toBe(2);
    expect(stderr).toContain("input ./refuses.sh: no table Orders");
    expect(record("refused")).toMatchObject({ status: "failed", exitCode: 2, lastError: { code: "NO_TABLE" } });
  });

  test("is stopped by one signal, with everything confirmed, and killed by a second one", async () => {
    const ready = (task: string) => eventually(() => expect(record(task).status).toBe("running"));
    const one = startCdc(["run", "long", "-C", folder.path]);
    await ready("long");
    one.child.kill("SIGINT");
    expect((await one.ended).code).toBe(0);
    const { status, counters } = record("long");
    expect({ status, open: counters.lines - counters.acked }).toEqual({ status: "stopped", open: 0 });

    const two = startCdc(["run", "stubborn", "-C", folder.path]);
    await ready("stubborn");
    two.child.kill("SIGTERM");
    await eventually(() => expect(record("stubborn").status).toBe("stopping"));
    two.child.kill("SIGTERM");
    expect((await two.ended).code).toBe(130);
    const { providers } = record("stubborn");
    await eventually(() =>
      expect([providers.input, providers.output].map((one) => lives(one?.process?.pid ?? 0))).toEqual([false, false]),
    );
  });
});

describe("a run in the background", () => {
  test("is seen, read, refused a second time, and stopped", async () => {
    const started = await cdc("run", "long", "--detach", "--json");
    expect(started.code).toBe(0);
    expect(JSON.parse(started.stdout)).toMatchObject({ status: "running", detached: true });
    await eventually(() => expect(record("long").counters.acked).toBeGreaterThan(0));
    expect(await cdc("run", "long")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("task long runs already"),
    });
    expect((await cdc("status", "long", "--detailed")).stdout).toMatch(/run +running, in the background/);
    expect((await cdc("logs", "long", "--tail", "1000")).stdout).toContain('Insert Counter {"value":1}');
    expect(await cdc("stop", "long")).toMatchObject({ code: 0, stdout: "task long was stopped\n" });
    expect(record("long")).toMatchObject({ status: "stopped", exitCode: 0 });
    expect((await cdc("stop", "long")).stdout).toBe("task long does not run\n");
    const log = await cdc("logs", "long", "--json", "--tail", "1");
    expect(JSON.parse(log.stdout)).toMatchObject({ event: "stopped", exitCode: 0 });
  });

  test("that does not stop is killed with --force, and nothing of it is left", async () => {
    await cdc("run", "stubborn", "--detach");
    const { process: own, providers } = record("stubborn");
    expect(await cdc("stop", "stubborn", "--timeout", "0.1")).toMatchObject({ code: 3 });
    expect(await cdc("stop", "stubborn", "--timeout", "0.1", "--force")).toMatchObject({ code: 0 });
    const pids = [own.pid, providers.input?.process?.pid, providers.output?.process?.pid];
    await eventually(() => expect(pids.map((pid) => lives(pid ?? 0))).toEqual([false, false, false]));
  });

  test("that fails at once is told with its error and its code", async () => {
    const { code, stderr } = await cdc("run", "refused", "--detach");
    expect(code).toBe(2);
    expect(stderr).toContain("no table Orders");
    expect(existsSync(join(folder.path, ".cdc", "tasks", "refused", "log.ndjson"))).toBe(true);
  });
});

test("a task that the file does not have is told with those that it has", async () => {
  expect(await cdc("logs", "thre")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("three, long, stubborn, refused"),
  });
});
