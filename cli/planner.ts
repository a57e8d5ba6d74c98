import type { Planner } from "./print/changes";

/** The sql room's planner; answers undefined for types that it doesn't know, such as @pulumi/postgresql's. */
export async function loadPlanner(): Promise<Planner> {
  const { planFor } = await import("../sql/plans");
  return (type, before, after) => {
    if (!type.startsWith("pulumi-nodejs:dynamic/cdc:")) return undefined;
    try {
      return planFor(type, before, after);
    } catch {
      // Old state, or a value that is unknown until the run: the plain property diff is shown instead.
      return undefined;
    }
  };
}
