import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakePulumi, type FakePlan } from "../test/fakes/fake-pulumi";
import { openAutomationStack } from "./automation";
import { findPulumi } from "./automation-find";
import type { EngineEvent } from "./stack";
import { temporaryFolder } from "../test/harness/temporary-folder";

const URN = "urn:pulumi:dev::shop::cdc:index:CdcPipeline$pulumi-nodejs:dynamic/cdc:SinkTable::avansas.Actor";
const STATE = {
  type: "pulumi-nodejs:dynamic/cdc:SinkTable",
  urn: URN,
  id: "x",
  parent: "",
  provider: "",
  custom: true,
};
const BEFORE = { ...STATE, inputs: { key: ["id"] }, outputs: { __provider: "p", columns: { id: "integer" } } };
const AFTER = { ...STATE, inputs: { __provider: "p", columns: { id: "bigint" } }, outputs: {} };
const STEP = { op: "update", urn: URN, type: STATE.type, old: BEFORE, new: AFTER, diffs: ["columns"], provider: "" };
const EVENTS = [
  { sequence: 0, timestamp: 1, preludeEvent: { config: {} } },
  { sequence: 1, timestamp: 1, resourcePreEvent: { metadata: STEP, planning: true } },
  { sequence: 2, timestamp: 1, resOutputsEvent: { metadata: STEP, planning: true } },
  {
    sequence: 3,
    timestamp: 1,
    diagnosticEvent: { message: "<{%fg 1%}>slow<{%reset%}>\n", color: "raw", severity: "warning" },
  },
  {
    sequence: 4,
    timestamp: 1,
    summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges: { same: 3, update: 1 } },
  },
];

const before = { ...process.env };

afterEach(() => {
  process.env = { ...before };
});

function open(plan: FakePlan) {
  const fake = fakePulumi(plan);
  const projectDirectory = temporaryFolder("cdc-automation-");
  writeFileSync(join(projectDirectory, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(join(projectDirectory, "Pulumi.dev.yaml"), "config: {}\n");
  // The Automation API starts the CLI with this process's environment; there is no other way in.
  Object.assign(process.env, fake.env, { PULUMI_CONFIG_PASSPHRASE: "correct horse" });
  delete process.env["PULUMI_BACKEND_URL"];
  const stack = openAutomationStack({ path: "pulumi", version: "3.260.0" }, { projectDirectory, stack: "dev" });
  return { stack, fake, projectDirectory };
}

describe("the Pulumi CLI, driven", () => {
  test("is found on PATH with its version, and not found where there is none", async () => {
    const fake = fakePulumi({ version: "v3.199.1" });
    expect(await findPulumi(fake.env)).toEqual({ path: expect.stringContaining("pulumi"), version: "3.199.1" });
    expect(await findPulumi({ PATH: "/nowhere" })).toBeUndefined();
  });

  test("is not taken when it doesn't answer", async () => {
    const fake = fakePulumi({ version: "cannot tell" });
    expect(await findPulumi(fake.env)).toBeUndefined();
  });

  test.each([
    ["v3.260.0", "once", EVENTS],
    ["v3.200.0", "once", EVENTS],
    ["v3.200.0", "twice", [...EVENTS, ...EVENTS]],
  ])("tells its events in our words (%s, whose log is read %s)", async (version, _times, events) => {
    const { stack } = open({ version, events });
    const seen: EngineEvent[] = [];
    const result = await stack.preview({ onEvent: (event) => seen.push(event) });
    expect(result).toMatchObject({ summary: { same: 3, update: 1 }, changed: true });
    expect(seen.map(({ kind }) => kind)).toEqual(["start", "resource-start", "resource", "diagnostic", "end"]);
    expect(seen[2]).toMatchObject({
      operation: "update",
      name: "avansas.Actor",
      oldProperties: { key: ["id"], columns: { id: "integer" } },
      newProperties: { columns: { id: "bigint" } },
      changed: ["columns"],
    });
    expect(JSON.stringify(seen[2])).not.toContain("__provider");
    expect(seen[3]).toEqual({ kind: "diagnostic", severity: "warning", message: "slow" });
  });

  test("gets our backend, the passphrase and no checkpoint per step", async () => {
    const { stack, fake, projectDirectory } = open({ events: EVENTS });
    await stack.up({ parallel: 4, refresh: true, targets: [URN] });
    const up = fake.calls().find(({ args }) => args[0] === "up");
    expect(up?.env).toEqual({
      PULUMI_BACKEND_URL: `file://${join(projectDirectory, ".pulumi-state")}`,
      PULUMI_SKIP_CHECKPOINTS: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
    });
    expect(up?.cwd).toBe(projectDirectory);
    expect(up?.args).toEqual(
      expect.arrayContaining(["--yes", "--refresh", "--target", URN, "--parallel", "4", "--stack", "dev"]),
    );
  });

  test("makes the stack at the first preview, but not to destroy it", async () => {
    const first = open({ missingStack: true, events: EVENTS });
    await expect(first.stack.destroy()).rejects.toMatchObject({ code: "CDC_STACK_NOT_FOUND" });
    await first.stack.preview();
    expect(first.fake.calls().filter(({ args }) => args[1] === "init")).toHaveLength(1);
  });

  test("masks secret outputs", async () => {
    const { stack } = open({ outputs: { tables: 3, secretUrl: "postgres://a:b@c" } });
    expect(await stack.outputs()).toEqual({ tables: 3, secretUrl: "[secret]" });
  });

  test.each([
    ["a lock", "error: the stack is currently locked by 1 lock(s).", "CDC_STACK_LOCKED"],
    ["a missing passphrase", "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE", "CDC_PASSPHRASE_MISSING"],
    ["a wrong passphrase", "error: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE", "CDC_PASSPHRASE_WRONG"],
    ["a full disk", "error: write /state/x.json: no space left on device", "CDC_STATE_DISK_FULL"],
    ["a read-only state", "error: mkdir /state: read-only file system", "CDC_STATE_NOT_WRITABLE"],
    ["anything else", "error: something new", "CDC_RUN_FAILED"],
  ])("says in words what %s means", async (_title, stderr, code) => {
    const { stack } = open({ fail: { up: { stderr, code: 255 } } });
    const error = await stack.up().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).not.toMatch(/stdout:|code: 255|correct horse/);
  });

  test("names the first diagnostic when a run fails", async () => {
    const failed = {
      message: "<{%reset%}>permission to make table refused",
      color: "raw",
      severity: "error",
      urn: URN,
    };
    const { stack } = open({
      events: [{ diagnosticEvent: failed }],
      fail: { up: { stderr: "error: update failed", code: 255 } },
    });
    await expect(stack.up()).rejects.toThrow("pulumi failed on stack dev: permission to make table refused");
  });

  test("stops on the signal", async () => {
    const { stack } = open({
      hang: true,
      events: [EVENTS[0]],
      fail: { up: { stderr: "error: update canceled", code: 255 } },
    });
    const controller = new AbortController();
    const run = stack.up({ signal: controller.signal, onEvent: () => controller.abort() });
    await expect(run).rejects.toMatchObject({ code: "CDC_CANCELLED" });
  });
});
