import type { ConformanceCase } from "../conformance-case";
import { demand } from "../verdict";
import { answers, demandNoChanges, succeeds } from "./answered";

/** What init and destroy make and remove. */
export const INFRASTRUCTURE_CASES: readonly ConformanceCase[] = [
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
  {
    name: "lifecycle/init-after-destroy",
    proves: "init makes anew what was destroyed; what follows finds it there",
    role: "infrastructure",
    run: async (kit) => {
      await succeeds(kit, "init");
      demandNoChanges(await succeeds(kit, "plan"));
    },
  },
];
