import { relative, resolve } from "node:path";
import { loadPipelineModels } from "../config";
import type { PipelineModel } from "../model/sink";
import type { DocumentKind, PipelineDocument } from "../pipelines/document";
import { compareFolder, writeDocuments, type FolderDiff, type Scope } from "../pipelines/folder";
import { pipelineDocuments } from "../pipelines/generate";
import type { Context } from "./context";
import { configDirectory, settingsOfStack } from "./project-settings";

/** Options that every verb on pipeline documents takes; what is absent comes from the stack. */
export interface PipelineFlags {
  readonly service?: string;
  readonly environment?: string;
  readonly outputDir?: string;
}

/** What a run works on. */
export interface PipelineRun {
  readonly models: readonly PipelineModel[];
  readonly documents: readonly PipelineDocument[];
  /** Folder of the configuration. Absolute. */
  readonly configuration: string;
  /** Folder of the documents. Absolute. */
  readonly output: string;
  /** The same for people: from the current folder. */
  readonly shown: string;
  readonly scope: Scope;
}

/** Folder of the documents in that of the configuration. */
const OUTPUT = "generated/pipelines";

/** The documents that the configuration asks for. Throws CdcError for a configuration or template that is wrong. */
export function openPipelines(context: Context, flags: PipelineFlags): PipelineRun {
  const { io, options } = context;
  const settings = settingsOfStack(context, options.stack);
  const configuration = configDirectory(context, settings);
  const environment = flags.environment ?? settings.environment;
  const service = flags.service ?? settings.service;
  const chosen = service === undefined ? {} : { service };
  const { applicationRole, strict } = settings;
  const models = loadPipelineModels(configuration, { environment, applicationRole, strict, ...chosen, env: io.env });
  const output =
    flags.outputDir === undefined ? resolve(configuration, OUTPUT) : resolve(context.directory, flags.outputDir);
  const documents = pipelineDocuments(models, configuration);
  const scope = { environment, ...chosen };
  return { models, documents, configuration, output, shown: relative(io.cwd, output) || ".", scope };
}

/** What `cdc pipelines generate --json` prints. */
export interface GeneratedPipelines extends Omit<FolderDiff, "same"> {
  readonly directory: string;
  readonly documents: number;
  readonly bytes: number;
}

/** Writes what is missing or changed. */
export function generatePipelines(
  context: Context,
  flags: PipelineFlags & { readonly dryRun?: boolean },
): GeneratedPipelines {
  const run = openPipelines(context, flags);
  const { missing, changed, orphans } = comparePipelines(run);
  if (flags.dryRun !== true) writeDocuments(run.output, run.documents, { missing, changed, orphans, same: [] });
  const bytes = run.documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return { directory: run.shown, documents: run.documents.length, bytes, missing, changed, orphans };
}

export function comparePipelines({ output, documents, scope }: PipelineRun): FolderDiff {
  return compareFolder(output, documents, scope);
}

/** One document, as `cdc pipelines list` tells it. */
export interface ListedDocument {
  readonly path: string;
  readonly kind: DocumentKind;
  readonly bytes: number;
  readonly state: "missing" | "changed" | "same" | "orphan";
}

/** The documents wanted and the files that nothing asks for any more. */
export function listPipelines(run: PipelineRun): ListedDocument[] {
  const diff = comparePipelines(run);
  const listed = run.documents.map(({ path, kind, text }) => ({
    path,
    kind,
    bytes: Buffer.byteLength(text),
    state: diff.missing.includes(path)
      ? ("missing" as const)
      : diff.changed.includes(path)
        ? ("changed" as const)
        : ("same" as const),
  }));
  const orphans = diff.orphans.map((path) => ({ path, kind: kindOf(path), bytes: 0, state: "orphan" as const }));
  return [...listed, ...orphans];
}

function kindOf(path: string): DocumentKind {
  if (path.endsWith(".debezium.json")) return "debezium-source";
  if (path.endsWith(".jdbc.json")) return "jdbc-sink";
  return path.includes("/sources/") ? "connect-source" : "connect-sink";
}
