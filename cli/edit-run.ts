import type { Command } from "commander";
import type { ConfigProblem } from "../config";
import type { EditedFolder, FileChange, GroupKind, GroupText, ServiceText, YamlStep } from "../config/edit";
import { CdcError } from "../lib/errors";
import { contextFrom, type Context } from "./context";
import { EXIT } from "./exit-code";
import { unifiedDiff } from "./print/unified-diff";

/** The functions of config/edit, loaded when a verb runs. */
export type Edits = typeof import("../config/edit");

/** Options of every verb that changes files. */
export interface EditFlags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Meaning of the exit codes of such a verb, for its help. */
export const EDIT_EXIT_CODES =
  "Exit codes: 0 done or nothing to change, 1 --dry-run found changes, 2 error (nothing written).";

/** Adds the options of {@link EditFlags}, the meaning of the exit codes and an example. */
export function edits(command: Command, description: string, example: string): Command {
  return command
    .description(`${description}\n${EDIT_EXIT_CODES}`)
    .option("--dry-run", "show the change as a unified diff, write nothing")
    .option("--force", "write it although the configuration is then not valid, to build it in steps")
    .addHelpText("after", `\nExample:\n  $ ${example}`);
}

/** What such a verb prints with `--json`. */
interface EditResult {
  readonly changed: boolean;
  readonly written: boolean;
  readonly files: readonly { readonly file: string; readonly change: string; readonly diff: string }[];
  readonly notes: readonly string[];
  /** What the change makes invalid; without `--force` nothing is written then. */
  readonly problems: readonly (ConfigProblem & { readonly message: string })[];
}

/**
 * Makes a change in memory, checks it as every stack would deploy it, and writes it; with `--dry-run` shows it.
 * Throws CdcError (CDC_EDIT_INVALID) when it would break the configuration.
 */
export async function runEdit(
  command: Command,
  flags: EditFlags,
  change: (folder: EditedFolder, edits: Edits, context: Context) => void,
): Promise<void> {
  const context = contextFrom(command);
  const { directory, settings, unread, edit } = await openConfiguration(context);
  const folder = new edit.EditedFolder(directory);
  change(folder, edit, context);
  const changes = folder.changes();
  if (changes.length > 0) folder.notes.push(...unread);
  const problems = changes.length === 0 ? [] : edit.addedProblems(directory, folder.edited, settings);
  const writes = changes.length > 0 && flags.dryRun !== true && (problems.length === 0 || flags.force === true);
  const { formatProblem } = await import("../config");
  const result = resultOf(folder, changes, problems, formatProblem, writes);
  if (flags.dryRun !== true && !writes && problems.length > 0) throw wouldBreak(result);
  if (writes) edit.writeChanges(directory, changes);
  context.print(result, () => textOf(result, context, flags));
  if (flags.dryRun === true && changes.length > 0)
    context.exitWith(problems.length > 0 && flags.force !== true ? EXIT.error : EXIT.changesFound);
}

/** The same for steps in the file of one service. */
export function runServiceEdit(
  command: Command,
  flags: EditFlags,
  name: string,
  steps: (service: ServiceText, edits: Edits, folder: EditedFolder) => readonly YamlStep[],
): Promise<void> {
  return runEdit(command, flags, (folder, edit) => {
    const service = edit.openService(folder, name);
    folder.edit(service.file, steps(service, edit, folder));
  });
}

/** The same for steps in one group of source-groups.yaml or sink-groups.yaml: the named one, or the only one. */
export function runGroupEdit(
  command: Command,
  flags: EditFlags,
  group: { readonly kind: GroupKind; readonly name: string | undefined },
  steps: (group: GroupText, edits: Edits, folder: EditedFolder) => readonly YamlStep[],
): Promise<void> {
  return runEdit(command, flags, (folder, edit) => {
    const opened = edit.openGroup(folder, group.kind, group.name);
    folder.edit(opened.file, steps(opened, edit, folder));
  });
}

/** The folder of the configuration for reading. */
export async function openFolder(command: Command): Promise<{ context: Context; folder: EditedFolder; edits: Edits }> {
  const context = contextFrom(command);
  const { directory, edit } = await openConfiguration(context);
  return { context, folder: new edit.EditedFolder(directory), edits: edit };
}

async function openConfiguration(context: Context) {
  const { readFolderSettings } = await import("./project-settings");
  const { directory, stacks, unread } = readFolderSettings(context);
  const settings = stacks.map(({ environment, strict, applicationRole }) => {
    return { environment, strict, applicationRole, env: context.io.env };
  });
  return { directory, settings, unread, edit: await import("../config/edit") };
}

function resultOf(
  folder: EditedFolder,
  changes: readonly FileChange[],
  problems: readonly ConfigProblem[],
  format: (problem: ConfigProblem) => string,
  written: boolean,
): EditResult {
  const files = changes.map(({ file, before, after }) => {
    const kind = before === undefined ? "created" : after === undefined ? "removed" : "changed";
    return { file, change: kind, diff: withoutPasswords(unifiedDiff(file, before, after)) };
  });
  const told = problems.map((problem) => ({ ...problem, message: format(problem) }));
  return { changed: files.length > 0, written, files, notes: folder.notes, problems: told };
}

/** A password that somebody wrote into the file is not shown with the lines around a change. */
function withoutPasswords(diff: string): string {
  return diff.replace(
    /((?<!\w|\$\{)[\w-]*password["']?\s*:[^\S\n]*)(?!["']?\$\{\w+(?::-)?\}["']?[\s,}])("[^"\n]*"|'[^'\n]*'|\$\{[^}\n]*\}|[^\s,}#][^,}#\n]*)/gi,
    "$1[secret]",
  );
}

function textOf(result: EditResult, { paint }: Context, { dryRun }: EditFlags): string {
  const notes = result.notes.map((note) => `${paint.dim("note:")} ${note}`);
  const problems = result.problems.map(({ message }) => `${paint.red("error:")} ${message}`);
  if (!result.changed) return ["nothing to change", ...notes].join("\n");
  const files =
    dryRun === true
      ? result.files.map(({ diff }) => coloured(diff, paint))
      : result.files.map(({ file, change }) => `${change} ${file}`);
  return [...files, ...notes, ...problems].join("\n");
}

function coloured(diff: string, paint: Context["paint"]): string {
  const lines = diff.trimEnd().split("\n");
  return lines
    .map((line) => (line.startsWith("+") ? paint.green(line) : line.startsWith("-") ? paint.red(line) : line))
    .join("\n");
}

function wouldBreak({ problems }: EditResult): CdcError {
  const lines = [
    "the configuration would not be valid after this; nothing was written",
    ...problems.map(({ message }) => `  ${message}`),
  ];
  return new CdcError("CDC_EDIT_INVALID", lines.join("\n"), {
    hint: "Lines are those of the changed files (--dry-run shows them). --force writes them even so.",
  });
}

/** The parts that are given; options of a command that aren't are undefined. */
export function defined<T extends object>(parts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
