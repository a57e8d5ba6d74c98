import { dirname, join } from "node:path";
import { nearestTaskFiles } from "../config/tasks/find-task-file";
import { LOCK_FILE } from "../tasks/oci/cache/lock-file";

/** The lock file beside the nearest task file; undefined where there is none, so that no stray file appears. */
export function lockFileBeside(folder: string): string | undefined {
  const [taskFile] = nearestTaskFiles(folder);
  return taskFile === undefined ? undefined : join(dirname(taskFile), LOCK_FILE);
}
