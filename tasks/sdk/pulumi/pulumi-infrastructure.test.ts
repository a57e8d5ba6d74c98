import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "../../../test/harness/temporary-folder";
import type { LifecycleCommand, LifecycleResult } from "../../protocol/messages";
import { runLifecycleCommand } from "../../relay/lifecycle-command";

jest.setTimeout(300_000);

const PROGRAM = join(__dirname, "..", "..", "..", "test", "processes", "pulumi-provider.cjs");
const STACK = /\n|\bat .*:\d+:\d+/;
const PASSWORD = "s3cr3t-of-the-files";

let home: string;
let logged: string[];

beforeEach(() => {
  home = temporaryFolder("cdc-pulumi-");
  mkdirSync(join(home, "files"));
  logged = [];
});

/** Has the provider do a command, as `cdc` does. */
function asked(
  command: LifecycleCommand,
  files: Readonly<Record<string, string>>,
  stop = new AbortController(),
): Promise<LifecycleResult> {
  const config = { folder: join(home, "files"), files, password: PASSWORD };
  return runLifecycleCommand({
    ...{ task: "orders", role: "output", command, signal: stop.signal },
    provider: {
      ...{ name: "files", file: process.execPath, args: [PROGRAM], config, cwd: home },
      env: { CDC_TASK_DIRECTORY: join(home, "task") },
    },
    onLog: ({ text }) => {
      logged.push(text);
      if (text.startsWith("stopping")) writeFileSync(join(home, "files", "a.go"), "");
    },
  });
}

const text = (name: string): string | undefined => {
  const path = join(home, "files", name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
};

const changed = ({ changes }: LifecycleResult) => changes.map(({ action, name }) => `${action} ${name}`);
const seen = ({ resources }: LifecycleResult) => resources.map(({ state, name }) => `${name} ${state}`);

test("plan shows what init makes, status what became of it, and destroy leaves nothing", async () => {
  const first = await asked("plan", { a: "1", b: "2" });
  expect(first).toMatchObject({ status: "succeeded", changes: [{ kind: "Resource", action: "create" }, {}] });
  expect([changed(first), text("a")]).toEqual([["create a", "create b"], undefined]);
  const made = await asked("init", { a: "1", b: "2" });
  expect([made.status, changed(made), text("a"), text("b")]).toEqual(["succeeded", ["create a", "create b"], "1", "2"]);
  writeFileSync(join(home, "files", "a"), "changed by hand");
  rmSync(join(home, "files", "b"));
  expect(seen(await asked("status", { a: "1", b: "2", c: "3" }))).toEqual(["a changed", "b missing", "c absent"]);
  const next = await asked("init", { a: "1", c: "fails" });
  expect(next).toMatchObject({
    status: "failed",
    error: { code: "CDC_DEPLOYMENT_FAILED", message: expect.stringContaining("c can't be written with 19 letters") },
  });
  expect(next.error?.message).not.toMatch(STACK);
  expect([changed(next), text("a")]).toEqual([["update a"], "1"]);
  const gone = await asked("destroy", {});
  expect([gone.status, changed(gone), text("a")]).toEqual(["succeeded", ["delete a"], undefined]);
  expect(existsSync(join(home, "task", "providers", "files", "orders"))).toBe(false);
  expect(await asked("destroy", {})).toMatchObject({ status: "succeeded", changes: [] });
  expect(logged.join("\n")).not.toContain(PASSWORD);
});

test("told to stop, it finishes what is under way, keeps that in its state, and says so", async () => {
  const stop = new AbortController();
  const asking = asked("init", { a: "waits", b: "2" }, stop);
  while (text("a.begun") === undefined) await delay(20);
  stop.abort();
  const stopped = await asking;
  expect(stopped).toMatchObject({ status: "failed", error: { code: "CDC_CANCELLED" } });
  expect([changed(stopped), text("a"), text("b")]).toEqual([["create a"], "waits", undefined]);
  expect(JSON.stringify(stopped) + readFileSync(stateFile(), "utf8")).not.toContain(PASSWORD);
  expect(changed(await asked("destroy", {}))).toEqual(["delete a"]);
});

test.each([
  ["fails", "CDC_PROVIDER_PROGRAM", "the program has failed: no such region"],
  ["hangs", "CDC_PROGRAM_FAILED", "the program waits for something that never comes"],
])("a program that %s makes a failed result, and removes nothing", async (how, code, message) => {
  const { status, changes, error } = await asked("plan", { [how]: "1" });
  expect([status, changes, error?.code]).toEqual(["failed", [], code]);
  expect(error?.message).toContain(message);
  expect(error?.message).not.toMatch(STACK);
});

function stateFile(): string {
  return join(
    home,
    "task",
    "providers",
    "files",
    "orders",
    ".pulumi-state",
    ".pulumi",
    "stacks",
    "files",
    "orders.json",
  );
}
