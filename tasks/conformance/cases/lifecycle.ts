import { decodeResult } from "../../protocol/results";
import type { LifecycleCommand, LifecycleResult } from "../../protocol/messages";
import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { demand, shownLine } from "../verdict";

/** What init, plan, status and destroy answer. Only plan and status are asked of a provider that has no infrastructure. */
export const LIFECYCLE_CASES: readonly ConformanceCase[] = [
  answers("plan", "any"),
  answers("status", "any"),
  {
    name: "lifecycle/result-is-last",
    proves: "the result is the last line of stdout",
    role: "any",
    run: async (kit) => {
      const { run } = await asked(kit, "status");
      const last = run.out.texts.at(-1) ?? "";
      demand(decodeResult(last, "status") !== undefined, () => `the last line is ${shownLine(last)}`);
    },
  },
  {
    name: "lifecycle/exit-code",
    proves: "a command that succeeded exits with 0, one that failed with another code",
    role: "any",
    run: async (kit) => {
      const { run, result } = await asked(kit, "status");
      demand((run.exit?.code === 0) === (result.status === "succeeded"), `${result.status}, and ${run.ending()}`);
    },
  },
  {
    name: "lifecycle/bad-config-fails",
    proves: "a command that can't be done is told as failed: never exit code 0",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: '{"command":"init","config":5,"protocol":1}\n' });
      run.end();
      demand(await run.over(), "it didn't end");
      demand(run.exit?.code !== 0, "it exited with code 0");
    },
  },
  {
    name: "lifecycle/plan-changes-nothing",
    proves: "a plan says the same when it is asked again",
    role: "any",
    run: async (kit) => {
      const [first, second] = [await asked(kit, "plan"), await asked(kit, "plan")];
      demand(JSON.stringify(first.result.changes) === JSON.stringify(second.result.changes), "the second plan differs");
    },
  },
  answers("init", "infrastructure"),
  {
    name: "lifecycle/init-again",
    proves: "a second init finds nothing to do",
    role: "infrastructure",
    run: async (kit) => {
      await succeeds(kit, "init");
      demandNoChanges(await succeeds(kit, "init"));
    },
  },
  {
    name: "lifecycle/plan-after-init",
    proves: "after init a plan has no changes",
    role: "infrastructure",
    run: async (kit) => {
      await succeeds(kit, "init");
      demandNoChanges(await succeeds(kit, "plan"));
    },
  },
  {
    name: "lifecycle/status-after-init",
    proves: "after init status names what there is",
    role: "infrastructure",
    run: async (kit) => {
      await succeeds(kit, "init");
      demand((await succeeds(kit, "status")).resources.length > 0, "it names no resource");
    },
  },
  {
    name: "lifecycle/destroy-again",
    proves: "what is gone can be destroyed again",
    role: "infrastructure",
    run: async (kit) => {
      await succeeds(kit, "init");
      await succeeds(kit, "destroy");
      await succeeds(kit, "destroy");
    },
  },
  {
    name: "lifecycle/plan-after-destroy",
    proves: "after destroy a plan makes everything anew",
    role: "infrastructure",
    run: async (kit) => {
      await succeeds(kit, "init");
      await succeeds(kit, "destroy");
      const { changes } = await succeeds(kit, "plan");
      demand(
        changes.some(({ action }) => action === "create"),
        "it would create nothing",
      );
    },
  },
];

function answers(command: LifecycleCommand, role: "any" | "infrastructure"): ConformanceCase {
  return {
    name: `lifecycle/${command}`,
    proves: `${command} is answered by a result, without a handshake and with stdin closed`,
    role,
    run: async (kit) => {
      const { result } = await asked(kit, command);
      if (result.status === "failed")
        demand(result.error !== undefined || result.message !== undefined, "it failed without a reason");
    },
  };
}

interface Answered {
  readonly run: ProviderRun;
  readonly result: LifecycleResult;
}

async function asked(kit: Kit, command: LifecycleCommand): Promise<Answered> {
  const run = await kit.start({ command });
  run.end();
  demand(await run.over(), "it didn't end");
  const result = run.out.texts.map((text) => decodeResult(text, command)).findLast((one) => one !== undefined);
  demand(result !== undefined, () => `there is no result line: ${run.ending()}`);
  return { run, result };
}

async function succeeds(kit: Kit, command: LifecycleCommand): Promise<LifecycleResult> {
  const { result } = await asked(kit, command);
  demand(
    result.status === "succeeded",
    () => `${command} failed: ${result.error?.message ?? result.message ?? "no reason given"}`,
  );
  return result;
}

function demandNoChanges({ changes }: LifecycleResult): void {
  const [change] = changes.filter(({ action }) => action !== "none");
  demand(change === undefined, () => `it would ${change?.action ?? ""} ${change?.kind ?? ""} ${change?.name ?? ""}`);
}
