import { basename, dirname, resolve } from "node:path";
import { CdcError } from "../../lib/errors";
import { CdcConfigError, formatKey, type ConfigProblem } from "../config-error";
import { readTextFile } from "../text-file";
import { parseYaml, placeIn } from "../yaml-document";
import { expandYaml } from "./expansion";
import type { TaskDocument } from "./task-document";

/** A document and where it is. */
export interface OpenedTaskFile {
  /** Absolute. */
  readonly path: string;
  readonly document: TaskDocument;
}

/** Reads a file of tasks. Throws CdcError (CDC_TASK_FILE) when there is none, CdcConfigError when it can't be read. */
export async function openTaskFile(given: string): Promise<OpenedTaskFile> {
  const path = resolve(given);
  const content = readTextFile(path);
  if (content === undefined) {
    const hint = "Name another one with -c <file>.";
    throw new CdcError("CDC_TASK_FILE", `there is no file of tasks ${path}`, { hint });
  }
  const file = basename(path);
  if ("fault" in content)
    throw invalid(path, [{ file, key: "", text: `the file ${content.fault}`, hint: content.hint }]);
  const document = await parseTasks(file, content.text);
  if (document.problems.length > 0) throw invalid(path, document.problems);
  return { path, document };
}

/** Parses a file of tasks by its ending: `.hcl`, else YAML. */
export async function parseTasks(file: string, text: string): Promise<TaskDocument> {
  if (!isHcl(file)) return yamlDocument(file, text);
  const { parseHcl } = await import("./parse-hcl");
  return parseHcl(file, text);
}

export function isHcl(file: string): boolean {
  return file.endsWith(".hcl");
}

/** Names of the tasks in a file, in its order. */
export function taskNames({ document }: OpenedTaskFile): string[] {
  const { tasks } = (document.value ?? {}) as { tasks?: unknown };
  return typeof tasks === "object" && tasks !== null && !Array.isArray(tasks) ? Object.keys(tasks) : [];
}

/** All problems of a file of tasks at once. */
export function invalid(path: string, problems: readonly ConfigProblem[]): CdcConfigError {
  return new CdcConfigError(dirname(path), problems);
}

function yamlDocument(file: string, text: string): TaskDocument {
  const document = parseYaml(file, text);
  const empty = document.problems.length === 0 && (document.value === undefined || document.value === null);
  const problems = empty ? [{ file, key: "", text: "the file is empty", hint: "write its tasks" }] : document.problems;
  return {
    file,
    problems,
    value: document.value,
    placeOf: (path) => (path.length === 0 ? { line: 1, column: 1, key: formatKey(path) } : placeIn(document, path)),
    expand: expandYaml,
  };
}
