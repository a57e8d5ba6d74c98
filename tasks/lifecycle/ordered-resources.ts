import { resourceKey, type ResourceSpec } from "../../model/resource-spec";
import type { Contributions } from "./upstream";

/** More dependencies than this would be most of the state. */
const MOST_EDGES = 10_000;

/**
 * All resources of a task. Those of the output depend on those of the input, so that they are made after them and
 * removed before them; where there would be too many dependencies, only on those that the others depend on.
 */
export function orderedResources({ input, output }: Contributions): readonly ResourceSpec[] {
  const first = input.resources;
  const needed = new Set(first.flatMap(({ dependsOn = [] }) => dependsOn));
  const leaves = first.map(resourceKey).filter((key) => !needed.has(key));
  const roots = output.resources.filter(({ dependsOn = [] }) => dependsOn.length === 0);
  const before = leaves.length * roots.length <= MOST_EDGES ? leaves : [...needed];
  const behind = output.resources.map((one) => (roots.includes(one) ? { ...one, dependsOn: before } : one));
  return [...first, ...behind];
}
