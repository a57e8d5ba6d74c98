import { resolve } from "node:path";
import { stackSettings, type StackSettings } from "../config";
import { readProject } from "../engine/builtin/project";
import { readStackFile } from "../engine/builtin/stack-config";
import { CdcError } from "../lib/errors";
import type { Context } from "./context";
import { findProject, stackNames } from "./project";

/** A stack's own settings; their defaults in a folder that is no Pulumi project. Throws CdcError for an unreadable stack. */
export function settingsOfStack(context: Context, stack: string): StackSettings {
  const { env } = context.io;
  const project = findProject(context.directory);
  if (project === undefined) return stackSettings(() => undefined, env, stack);
  const { config } = readStackFile(readProject(project), stack);
  return stackSettings((key) => textOf(config[`cdc:${key}`]), env, stack);
}

/** Folder of the configuration: of the YAML that a stack deploys. Absolute. */
export function configDirectory(context: Context, settings: StackSettings): string {
  return resolve(findProject(context.directory) ?? context.directory, settings.directory);
}

/** Stacks that deploy one folder. */
export interface FolderSettings {
  readonly directory: string;
  /** Of every stack that can be read; at least one. */
  readonly stacks: readonly StackSettings[];
  /** Stacks that can't be read here, and why: with a secrets provider of the Pulumi CLI alone, for one. */
  readonly unread: readonly string[];
}

/**
 * Settings of the chosen stack, then of every other one that can be read and deploys the same folder.
 * Throws CdcError when the chosen one can't be read.
 */
export function settingsOfFolder(context: Context): readonly [StackSettings, ...StackSettings[]] {
  const chosen = settingsOfStack(context, context.options.stack);
  const directory = configDirectory(context, chosen);
  const others = readStacks(context).flatMap(({ name, settings }) =>
    settings === undefined || name === context.options.stack ? [] : [settings],
  );
  return [chosen, ...others.filter((one) => configDirectory(context, one) === directory)];
}

/** Settings of every stack that deploys the same folder as the chosen one does; the defaults where none can be read. */
export function readFolderSettings(context: Context): FolderSettings {
  const { stack: chosen } = context.options;
  const read = readStacks(context);
  const found = read.flatMap(({ name, settings }) => (settings === undefined ? [] : [{ name, settings }]));
  const own = found.find(({ name }) => name === chosen) ?? found[0];
  const settings = own?.settings ?? stackSettings(() => undefined, context.io.env, chosen);
  const directory = configDirectory(context, settings);
  const others = found.map((one) => one.settings).filter((one) => configDirectory(context, one) === directory);
  const stacks = [...new Set([settings, ...others])];
  return {
    directory,
    stacks,
    unread: read.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
  };
}

/** Every stack of the project; the chosen one where there is no project, or none in it. */
function readStacks(context: Context): ReturnType<typeof readable>[] {
  const project = findProject(context.directory);
  const names = project === undefined ? [] : stackNames(project);
  return (names.length === 0 ? [context.options.stack] : names).map((name) => readable(context, name));
}

/** A stack's settings, or what is wrong with its file. */
function readable(context: Context, name: string): { name: string; settings?: StackSettings; fault?: string } {
  try {
    return { name, settings: settingsOfStack(context, name) };
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    return { name, fault: `stack ${name} was not checked: ${error.message}` };
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number"
    ? String(value)
    : undefined;
}
