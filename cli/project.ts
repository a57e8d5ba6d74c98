import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { CdcError } from "../lib/errors";
import { nearestWord } from "../model/nearest-word";
import type { Context } from "./context";

const STACK_FILE = /^Pulumi\.(.+)\.ya?ml$/;

/** The nearest folder at or above the given one that holds Pulumi.yaml. Throws CdcError (CDC_NO_PROJECT). */
export function projectDirectory(context: Context): string {
  const found = findProject(context.directory);
  if (found === undefined) throw noProject(context.directory);
  return found;
}

/** The nearest folder at or above the given one that holds Pulumi.yaml, if any. */
export function findProject(directory: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (holdsProject(folder)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Stacks of a project, from the names of its Pulumi.<stack>.yaml files, sorted. */
export function stackNames(directory: string): string[] {
  const names = readdirSync(directory).map((file) => STACK_FILE.exec(file)?.[1]);
  return names.filter((name) => name !== undefined).sort();
}

/** The project's folder, after a check that the stack is configured. Throws CdcError (CDC_NO_PROJECT, CDC_NO_STACK). */
export function projectOfStack(context: Context): string {
  const directory = projectDirectory(context);
  const { stack } = context.options;
  const known = stackNames(directory);
  if (!known.includes(stack)) throw noStack(stack, directory, known);
  return directory;
}

function holdsProject(folder: string): boolean {
  return existsSync(join(folder, "Pulumi.yaml")) || existsSync(join(folder, "Pulumi.yml"));
}

function noProject(directory: string): CdcError {
  const hint = "Change into a project, name one with -C, or start one with `cdc new <dir>`.";
  return new CdcError("CDC_NO_PROJECT", `no Pulumi.yaml in ${directory} or above`, { hint });
}

function noStack(stack: string, directory: string, known: readonly string[]): CdcError {
  const near = nearestWord(stack, known);
  const choice = known.length === 0 ? "" : `; there are: ${known.join(", ")}`;
  const hint =
    near === undefined ? `Write Pulumi.${stack}.yaml, or choose a stack with -s.` : `Did you mean \`-s ${near}\`?`;
  return new CdcError("CDC_NO_STACK", `${directory} has no stack ${stack} (no Pulumi.${stack}.yaml)${choice}`, {
    hint,
  });
}
