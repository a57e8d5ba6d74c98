import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CdcError } from "../../lib/errors";

/** Names that a file of tasks has when nobody says otherwise. */
export const TASK_FILES = ["tasks.yaml", "tasks.yml", "dstream.hcl"] as const;

/**
 * The file of tasks that is meant: the given one, else the nearest at or above the folder. Absolute.
 * Throws CdcError (CDC_TASK_FILE) when there is none, or more than one in the same folder.
 */
export function findTaskFile(directory: string, given?: string): string {
  if (given !== undefined) return resolve(directory, given);
  const found = nearestTaskFiles(directory);
  const [only, other] = found;
  if (only === undefined) {
    const hint = "Write one, change into its folder, or name it with -c <file>.";
    throw new CdcError("CDC_TASK_FILE", `there is no ${TASK_FILES.join(" or ")} in ${directory} or above`, { hint });
  }
  if (other === undefined) return only;
  const hint = `Name the one that is meant: -c ${only}`;
  throw new CdcError("CDC_TASK_FILE", `there are two files of tasks: ${found.join(" and ")}`, { hint });
}

/** Files of tasks in the nearest folder at or above the given one that holds any. */
export function nearestTaskFiles(directory: string): string[] {
  for (let folder = directory; ; folder = dirname(folder)) {
    const found = TASK_FILES.map((name) => join(folder, name)).filter(existsSync);
    if (found.length > 0 || dirname(folder) === folder) return found;
  }
}
