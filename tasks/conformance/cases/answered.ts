import { decodeResult } from "../../protocol/results";
import type { LifecycleCommand, LifecycleResult } from "../../protocol/messages";
import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { demand } from "../verdict";

/** The case that a command is answered at all. */
export function answers(command: LifecycleCommand, role: "any" | "infrastructure"): ConformanceCase {
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

/** A command and its answer. */
export interface Answered {
  readonly run: ProviderRun;
  readonly result: LifecycleResult;
}

/** Runs a command; fails the case when there is no result. */
export async function asked(kit: Kit, command: LifecycleCommand): Promise<Answered> {
  const run = await kit.start({ command });
  run.end();
  demand(await run.over(), "it didn't end");
  const result = run.out.texts.map((text) => decodeResult(text, command)).findLast((one) => one !== undefined);
  demand(result !== undefined, () => `there is no result line: ${run.ending()}`);
  return { run, result };
}

/** Runs a command; fails the case when it doesn't succeed. */
export async function succeeds(kit: Kit, command: LifecycleCommand): Promise<LifecycleResult> {
  const { result } = await asked(kit, command);
  demand(
    result.status === "succeeded",
    () => `${command} failed: ${result.error?.message ?? result.message ?? "no reason given"}`,
  );
  return result;
}

/** Fails the case when there is something to do. */
export function demandNoChanges({ changes }: LifecycleResult): void {
  const [change] = changes.filter(({ action }) => action !== "none");
  demand(change === undefined, () => `it would ${change?.action ?? ""} ${change?.kind ?? ""} ${change?.name ?? ""}`);
}
