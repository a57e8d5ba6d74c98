import { resolve } from "node:path";
import { formatProblem, serviceNames, validateConfig, type ConfigProblem } from "../config";
import type { Note, PipelineModel } from "../model/sink";
import type { Context } from "./context";
import { configDirectory, settingsOfStack } from "./project-settings";

/** Options of `cdc validate`; what is absent comes from the stack. */
export interface ValidateFlags {
  readonly service?: string;
  readonly environment?: string;
  readonly strict?: boolean;
}

/** What `cdc validate --json` prints. */
export interface CheckedConfiguration {
  readonly valid: boolean;
  /** Folder that was read. */
  readonly directory: string;
  readonly environment: string;
  /** `message` is the problem as one line of text. */
  readonly problems: readonly (ConfigProblem & { readonly message: string })[];
  readonly notes: readonly Note[];
  /** Only of a valid configuration. */
  readonly services: readonly CheckedService[];
}

/** Size of one service's model. */
export interface CheckedService {
  readonly service: string;
  readonly pattern: PipelineModel["pattern"];
  readonly sinks: number;
  readonly schemas: number;
  readonly tables: number;
}

/** Validates the services of a folder as the stack would deploy them. Throws CdcError for an unreadable stack. */
export function checkConfiguration(
  context: Context,
  dir: string | undefined,
  flags: ValidateFlags,
): CheckedConfiguration {
  const settings = settingsOfStack(context, context.options.stack);
  const directory = dir === undefined ? configDirectory(context, settings) : resolve(context.directory, dir);
  const environment = flags.environment ?? settings.environment;
  const { applicationRole } = settings;
  const strict = flags.strict ?? settings.strict;
  const service = flags.service ?? settings.service;
  const names = service === undefined ? serviceNames(directory) : [service];
  const options = { environment, strict, applicationRole, env: context.io.env };
  const results = (names.length === 0 ? [{}] : names.map((name) => ({ service: name }))).map((chosen) =>
    validateConfig(directory, { ...options, ...chosen }),
  );
  const problems = distinct(results.flatMap((result) => result.problems));
  return {
    valid: problems.length === 0,
    directory,
    environment,
    problems: problems.map((problem) => ({ ...problem, message: formatProblem(problem) })),
    notes: distinct(results.flatMap((result) => result.notes)),
    services: results.flatMap(({ model }) => (model === undefined ? [] : [sizeOf(model)])),
  };
}

function sizeOf({ service, pattern, sinks }: PipelineModel): CheckedService {
  const sum = (count: (sink: PipelineModel["sinks"][number]) => number) =>
    sinks.reduce((total, sink) => total + count(sink), 0);
  return {
    service,
    pattern,
    sinks: sinks.length,
    schemas: sum(({ schemas }) => schemas.length),
    tables: sum(({ tables }) => tables.length),
  };
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
