import { dirname, resolve, sep } from "node:path";
import { CdcError } from "../../lib/errors";
import { BUILT_IN_PROVIDERS, builtInProvider, type ProviderRole } from "../../model/built-in-providers";
import { didYouMean } from "../../model/findings";
import { nearestWord } from "../../model/nearest-word";
import type { ProviderSource } from "../../model/provider-source";
import type { ConfigProblem } from "../config-error";
import type { Environment } from "../variables";
import type { Expanded } from "./expansion";
import { invalid, taskNames, type OpenedTaskFile } from "./open-task-file";
import { secretsIn } from "./secrets";
import { DEFAULT_RELAY, type LeaseSettings, type ProviderUse, type Task } from "./task-file";
import { TaskProblems } from "./task-problems";

/** A task as the schema has found it to be. */
interface WrittenTask {
  readonly input: WrittenProvider;
  readonly output: WrittenProvider;
  readonly relay?: {
    readonly check?: "parsed" | "none";
    readonly handshake_timeout_s?: number;
    readonly restart?: { readonly max?: number };
  };
  readonly lease?: { readonly type: LeaseSettings["type"] } & Readonly<Record<string, unknown>>;
}

interface WrittenProvider extends Readonly<Partial<Record<SourceKey, string>>> {
  readonly config?: Readonly<Record<string, unknown>> | null;
}

const SOURCE_KEYS = ["provider", "provider_path", "provider_image", "provider_ref"] as const;
type SourceKey = (typeof SOURCE_KEYS)[number];

/**
 * One task, its variables put in; the others aren't looked at.
 * Throws CdcError (CDC_TASK_UNKNOWN), or CdcConfigError with everything that is wrong.
 */
export function readTask(opened: OpenedTaskFile, name: string, env: Environment): Task {
  const names = taskNames(opened);
  if (names.length === 0) refuseOtherFiles(opened);
  if (!names.includes(name)) throw unknownTask(opened, name, names);
  const { task, problems } = readTaskWithProblems(opened, name, env);
  const found = [...problems.found, ...problems.unset()];
  if (task === undefined || found.length > 0) throw invalid(opened.path, found);
  return task;
}

/** What is wrong with a file besides its tasks. */
export function fileProblems(opened: OpenedTaskFile): readonly ConfigProblem[] {
  const { document } = opened;
  const problems = new TaskProblems(document);
  const { value } = document;
  const hasTasks = taskNames(opened).length > 0;
  problems.fitsSchema(hasTasks ? { ...(value as object), tasks: {} } : value);
  return problems.found;
}

function refuseOtherFiles(opened: OpenedTaskFile): void {
  const problems = fileProblems(opened);
  if (problems.length > 0) throw invalid(opened.path, problems);
}

/** One task and what is wrong with it; undefined when its form is. Variables that aren't set stay as they are written. */
export function readTaskWithProblems(
  opened: OpenedTaskFile,
  name: string,
  env: Environment,
): { readonly task: Task | undefined; readonly problems: TaskProblems } {
  const problems = new TaskProblems(opened.document);
  return { task: taskOf(opened, name, env, problems), problems };
}

function taskOf(opened: OpenedTaskFile, name: string, env: Environment, problems: TaskProblems): Task | undefined {
  const { document, path: file } = opened;
  const { tasks, ...others } = document.value as { tasks: Record<string, unknown> };
  const at = ["tasks", name];
  const expanded = document.expand(tasks[name], at, env);
  problems.takeExpansion(at, expanded);
  if (!problems.fitsSchema({ ...others, tasks: { [name]: expanded.value } })) return undefined;
  const written = expanded.value as WrittenTask;
  const use = (role: ProviderRole) => readUse(opened, role, written[role], [...at, role], expanded, problems);
  const [input, output] = [use("input"), use("output")];
  if (input === undefined || output === undefined) return undefined;
  return { name, input, output, relay: relayOf(written.relay ?? {}), lease: leaseOf(written.lease), file };
}

function unknownTask({ path }: OpenedTaskFile, name: string, names: readonly string[]): CdcError {
  const choice = names.length === 0 ? "It holds no task." : `There are: ${names.join(", ")}.`;
  const near = nearestWord(name, names);
  const hint = near === undefined ? choice : `Did you mean ${near}?`;
  return new CdcError("CDC_TASK_UNKNOWN", `there is no task ${name} in ${path}`, { hint });
}

function readUse(
  { path: file }: OpenedTaskFile,
  role: ProviderRole,
  written: WrittenProvider,
  at: readonly string[],
  { variables }: Expanded,
  problems: TaskProblems,
): ProviderUse | undefined {
  const [key, ...more] = SOURCE_KEYS.filter((one) => written[one] !== undefined);
  if (key === undefined) {
    const names = BUILT_IN_PROVIDERS.filter((one) => one.role === role).map(({ name }) => name);
    const hint = `write provider: (${names.join(", ")}), provider_path: or provider_image:`;
    problems.report(at, `names no ${role} provider`, hint);
    return undefined;
  }
  for (const other of more) problems.report([...at, other], `${other} and ${key} exclude each other`, "keep one");
  const source = sourceOf(file, role, key, written[key] ?? "", [...at, key], problems);
  const config = written.config ?? {};
  return source === undefined ? undefined : { role, source, config, secrets: secretsIn(config, variables) };
}

function sourceOf(
  file: string,
  role: ProviderRole,
  key: SourceKey,
  value: string,
  at: readonly string[],
  problems: TaskProblems,
): ProviderSource | undefined {
  if (key === "provider_path") return { kind: "path", path: executablePath(file, value) };
  if (key !== "provider") return { kind: "image", reference: value };
  const found = builtInProvider(value);
  if (found?.role === role) return { kind: "builtin", name: found.name };
  const names = BUILT_IN_PROVIDERS.filter((one) => one.role === role).map(({ name }) => name);
  const hint = didYouMean(nearestWord(value, names), `${role}s are ${names.join(", ")}; for your own: provider_path`);
  problems.report(at, found === undefined ? `there is no provider ${value}` : `${value} is no ${role}`, hint);
  return undefined;
}

/** A bare name is looked for on PATH; all else is meant from the file's folder. */
function executablePath(file: string, path: string): string {
  return path.includes("/") || path.includes(sep) ? resolve(dirname(file), path) : path;
}

function relayOf({ check, handshake_timeout_s: timeout, restart }: NonNullable<WrittenTask["relay"]>): Task["relay"] {
  return {
    check: check ?? DEFAULT_RELAY.check,
    handshakeTimeoutS: timeout ?? DEFAULT_RELAY.handshakeTimeoutS,
    restart: { max: restart?.max ?? DEFAULT_RELAY.restart.max },
  };
}

function leaseOf(written: WrittenTask["lease"]): LeaseSettings {
  const { type = "file", ...settings } = written ?? {};
  return { type, settings };
}
