import type { LifecycleCommand, LifecycleResult } from "../../protocol/messages";
import type { ConformanceCase } from "../conformance-case";
import { demand } from "../verdict";
import { answers, demandNoChanges, succeeds } from "./answered";

/** What init and destroy make and remove. */
export const INFRASTRUCTURE_CASES: readonly ConformanceCase[] = [
  answers("init", "infrastructure"),
  inTurn("init-again", "a second init finds nothing to do", ["init", "init"], demandNoChanges),
  inTurn("plan-after-init", "after init a plan has no changes", ["init", "plan"], demandNoChanges),
  inTurn("status-after-init", "after init status names what there is", ["init", "status"], ({ resources }) => {
    demand(resources.length > 0, "it names no resource");
  }),
  inTurn("destroy-again", "what is gone can be destroyed again", ["init", "destroy", "destroy"]),
  inTurn(
    "plan-after-destroy",
    "after destroy a plan makes everything anew",
    ["init", "destroy", "plan"],
    ({ changes }) => {
      const isMade = changes.some(({ action }) => action === "create");
      demand(isMade, "it would create nothing");
    },
  ),
  inTurn(
    "init-after-destroy",
    "init makes anew what was destroyed; what follows finds it there",
    ["init", "plan"],
    demandNoChanges,
  ),
];

/** The case that commands succeed one after the other; `look` judges the last one's result. */
function inTurn(
  name: string,
  proves: string,
  commands: readonly LifecycleCommand[],
  look?: (result: LifecycleResult) => void,
): ConformanceCase {
  return {
    name: `lifecycle/${name}`,
    proves,
    role: "infrastructure",
    run: async (kit) => {
      let last: LifecycleResult | undefined;
      for (const command of commands) last = await succeeds(kit, command);
      if (last !== undefined) look?.(last);
    },
  };
}
