import { sharedPlaces } from "../model/shared-places";
import type { PipelineModel } from "../model/sink";
import { CdcConfigError } from "./config-error";
import { serviceNames, type LoadOptions } from "./load-config";
import { validateConfig } from "./validate";

export { CdcConfigError, formatProblem, type ConfigProblem } from "./config-error";
export { loadConfig, serviceNames, type LoadOptions } from "./load-config";
export { sourcePlaces, type SourcePlace, type SourcePlaces } from "./source-places";
export { stackSettings, type StackSettings } from "./stack-settings";
export { validateConfig } from "./validate";

/** The desired state of one service from its folder of YAML. Throws CdcConfigError with all problems at once. */
export function loadPipelineModel(directory: string, options: LoadOptions): PipelineModel {
  const { model, problems } = validateConfig(directory, options);
  if (model === undefined) throw new CdcConfigError(directory, problems);
  return model;
}

/** The models of the service that the options name, else of every service there is. Throws CdcConfigError for all of them together. */
export function loadPipelineModels(directory: string, options: LoadOptions): PipelineModel[] {
  const names = options.service === undefined ? serviceNames(directory) : [options.service];
  if (names.length === 0) return [loadPipelineModel(directory, options)];
  const results = names.map((service) => validateConfig(directory, { ...options, service }));
  const problems = new Map(
    results.flatMap((result) => result.problems).map((problem) => [JSON.stringify(problem), problem]),
  );
  if (problems.size > 0) throw new CdcConfigError(directory, [...problems.values()]);
  const models = results.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const shared = sharedPlaces(models);
  return models.map((model, index) => (index === 0 ? { ...model, notes: [...model.notes, ...shared] } : model));
}
