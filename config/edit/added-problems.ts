import type { ConfigProblem } from "../config-error";
import type { EditedFiles } from "../config-folder";
import { serviceNames, type LoadOptions } from "../load-config";
import { validateConfig } from "../validate";

/** How the configuration is checked: as one stack deploys it. */
export type CheckSettings = Omit<LoadOptions, "service" | "edited">;

/**
 * What an edit would break: the problems of the edited files that those on disk haven't, whatever the stack.
 * Problems that were there before don't count, so that a configuration can be mended step by step.
 */
export function addedProblems(
  directory: string,
  edited: EditedFiles,
  settings: readonly CheckSettings[],
): ConfigProblem[] {
  const after = problemsOf(directory, edited, settings);
  const before = countsOf(after.length === 0 ? [] : problemsOf(directory, new Map(), settings));
  return after.filter((problem) => {
    const id = identity(problem);
    const left = before.get(id) ?? 0;
    if (left > 0) before.set(id, left - 1);
    return left === 0;
  });
}

function problemsOf(directory: string, edited: EditedFiles, settings: readonly CheckSettings[]): ConfigProblem[] {
  const services = serviceNames(directory, edited);
  const chosen = services.length === 0 ? [{}] : services.map((service) => ({ service }));
  const problems = settings.flatMap((one) =>
    chosen.flatMap((service) => validateConfig(directory, { ...one, ...service, edited }).problems),
  );
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** The same problem, wherever an edit has moved it. */
function identity({ file, key, text }: ConfigProblem): string {
  return JSON.stringify([file, key.replace(/\[\d+\]/g, "[]"), text]);
}

function countsOf(problems: readonly ConfigProblem[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const problem of problems) counts.set(identity(problem), (counts.get(identity(problem)) ?? 0) + 1);
  return counts;
}
