import { buildPipeline } from "../model/build-pipeline";
import { everyNote } from "../model/notes";
import type { Note, PipelineModel } from "../model/sink";
import type { ConfigProblem } from "./config-error";
import { ConfigFolder } from "./config-folder";
import { readConfig, type LoadOptions } from "./load-config";

/** What validating a configuration says. */
export interface Validation {
  /** Everything wrong, in the order of the files; empty when the configuration can be deployed. */
  readonly problems: readonly ConfigProblem[];
  readonly notes: readonly Note[];
  /** Only without problems. */
  readonly model?: PipelineModel;
}

/** Reads and builds a service's configuration and lists what is wrong. Never throws for what a user wrote. */
export function validateConfig(directory: string, options: LoadOptions): Validation {
  const folder = new ConfigFolder(directory, options.env, options.edited);
  const config = readConfig(folder, options);
  if (config === undefined) return { problems: folder.problems, notes: folder.warnings };
  const { model, problems } = buildPipeline(config);
  for (const problem of problems) folder.report(problem);
  const notes = [...folder.warnings, ...everyNote(model)];
  return folder.problems.length > 0 ? { problems: folder.problems, notes } : { problems: [], notes, model };
}
