import { resolve } from "node:path";
import { stackSettings, type StackSettings } from "../config";
import { readProject } from "../engine/builtin/project";
import { readStackFile } from "../engine/builtin/stack-config";
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

/** Settings of every stack that deploys the same folder as the chosen one does; the chosen one first. */
export function settingsOfFolder(context: Context): readonly StackSettings[] {
  const chosen = settingsOfStack(context, context.options.stack);
  const project = findProject(context.directory);
  const names = project === undefined ? [] : stackNames(project).filter((name) => name !== context.options.stack);
  const others = names.map((name) => settingsOfStack(context, name));
  const own = configDirectory(context, chosen);
  const known = project === undefined || stackNames(project).includes(context.options.stack) ? [chosen] : [];
  const all = [...known, ...others.filter((settings) => configDirectory(context, settings) === own)];
  return all.length === 0 ? [chosen] : all;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number"
    ? String(value)
    : undefined;
}
