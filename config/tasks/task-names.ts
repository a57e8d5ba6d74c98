import { resolve } from "node:path";
import { readTextFile } from "../text-file";
import { parseYaml } from "../yaml-document";
import { nearestTaskFiles } from "./find-task-file";
import { HclPlaces } from "./hcl-places";
import { isHcl } from "./open-task-file";

/**
 * Names of the tasks in the given file, or in the nearest ones, sorted, for a shell to complete. Nothing is checked and
 * nothing is refused: what can't be read has no names. Loads no parser of HCL. Never throws.
 */
export function namesOfTasks(directory: string, given?: string): string[] {
  const files = given === undefined ? nearestTaskFiles(directory) : [resolve(directory, given)];
  return [...new Set(files.flatMap(namesIn))].sort();
}

function namesIn(file: string): string[] {
  const content = readTextFile(file);
  if (content === undefined || !("text" in content)) return [];
  if (isHcl(file)) return new HclPlaces(content.text).labelsOf("task");
  const { tasks } = (parseYaml(file, content.text).value ?? {}) as { tasks?: unknown };
  return typeof tasks === "object" && tasks !== null && !Array.isArray(tasks) ? Object.keys(tasks) : [];
}
