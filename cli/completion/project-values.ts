import { resolve } from "node:path";
import { configuredNames } from "../../config/names";
import { namesOfTasks } from "../../config/tasks/task-names";
import { stackSettings } from "../../config/stack-settings";
import { readProject } from "../../engine/builtin/project";
import { readStackFile } from "../../engine/builtin/stack-config";
import type { Context } from "../context";
import { findProject, stackNames } from "../project";
import type { ValueKind } from "./value-kinds";

/**
 * Values of a kind in the project that a half typed command line is about. Throws for a project that can't be read.
 * @param words the line as far as it is typed, after `cdc`
 */
export function projectValues(context: Context, kind: ValueKind, words: readonly string[]): string[] {
  const directory = resolve(context.io.cwd, optionIn(words, ["-C", "--cwd"]) ?? ".");
  if (kind === "tasks") return namesOfTasks(directory, optionIn(words, ["-c", "--config"]));
  const project = findProject(directory);
  if (kind === "stacks") return stackNames(project ?? directory);
  const stack = optionIn(words, ["-s", "--stack"]) ?? context.options.stack;
  const folder = project === undefined ? directory : configurationFolder(context, project, stack);
  const service = kind === "services" ? undefined : serviceIn(words, folder);
  return configuredNames(folder, kind, service);
}

/** The service that the line is about: that of `--service`, or the argument of `cdc manage-services`. */
function serviceIn(words: readonly string[], folder: string): string | undefined {
  const chosen = optionIn(words, ["--service"]);
  if (chosen !== undefined || !words.includes("manage-services")) return chosen;
  const services = configuredNames(folder, "services");
  return words.slice(0, -1).find((word) => services.includes(word));
}

/** The folder that the stack names; the project's own where the stack isn't there yet. */
function configurationFolder({ io }: Context, project: string, stack: string): string {
  const { config } = readStackFile(readProject(project), stack);
  const { directory } = stackSettings(
    (key) => (key === "directory" ? textOf(config["cdc:directory"]) : undefined),
    io.env,
  );
  return resolve(project, directory);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Value of an option that is typed already: `--service x`, `--service=x`, `-sx`. */
function optionIn(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    // The last word is the one being completed.
    if (names.includes(word) && index + 2 < words.length) return words[index + 1];
    const name = names.find((one) => word.startsWith(one.startsWith("--") ? `${one}=` : one) && word !== one);
    if (name !== undefined && index + 1 < words.length) return word.slice(name.length).replace(/^=/, "");
  }
  return undefined;
}
