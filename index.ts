import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { captureSources, CdcPipeline, serverAccess, SharedObjects, sinkServers, summaryOf } from "./components";
import { loadPipelineModels, stackSettings } from "./config";
import { CdcError } from "./lib/errors";
import { toldNotes } from "./model/notes";

/** The Pulumi program: the folder of YAML that `cdc:directory` names, deployed to its sinks. Returns the stack's outputs. */
function deploy() {
  const config = new pulumi.Config("cdc");
  const settings = stackSettings((key) => config.get(key), process.env, pulumi.getStack());
  const directory = resolve(pulumi.getRootDirectory(), settings.directory);
  const models = loadPipelineModels(directory, { ...settings, env: process.env });
  const shared = new SharedObjects(sinkServers(config, process.env, settings.environment));
  const common = { retention: settings, server: serverAccess(config, process.env), shared };
  tellNotes(models);
  for (const model of models) new CdcPipeline(model.service, { model, ...common });
  if (settings.capture) captureSources(models);
  return { environment: settings.environment, services: models.map(summaryOf) };
}

/** What the configuration loses, leaves out and shortens. */
function tellNotes(models: Parameters<typeof toldNotes>[0]) {
  const { told, left } = toldNotes(models);
  const { warn: warning, info } = pulumi.log;
  for (const { severity, object, text } of told) void { warning, info }[severity](`${object}: ${text}`);
  if (left > 0) void pulumi.log.info(`and ${String(left)} more: cdc validate`);
}

/** A mistake of the user's is told without a stack. */
function runOrExplain() {
  try {
    return deploy();
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    throw new pulumi.RunError([error.message, error.hint].filter((text) => text !== undefined).join("\n"));
  }
}

export const { environment, services } = runOrExplain();
