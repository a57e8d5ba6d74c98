import { relative, resolve } from "node:path";
import { loadPipelineModels, serviceNames } from "../config";
import { rootPage, serviceFolder, servicePages } from "../migrations/schema-docs/pages";
import { writePages, type WrittenPages } from "../migrations/schema-docs/write-pages";
import type { Context } from "./context";
import { configDirectory, settingsOfStack } from "./project-settings";

/** Options of `cdc manage-migrations schema-docs`; what is absent comes from the stack. */
export interface SchemaDocsFlags {
  readonly service?: string;
  readonly environment?: string;
  readonly outputDir?: string;
}

/** What `cdc manage-migrations schema-docs --json` prints. */
export interface SchemaDocs extends WrittenPages {
  /** Folder of the pages, from the current one. */
  readonly directory: string;
}

/** Folder of the pages in that of the configuration. */
const OUTPUT = "generated/schemas";

/** Writes the pages of the services, or of one. Throws CdcError for a configuration that is wrong. */
export function writeSchemaDocs(context: Context, flags: SchemaDocsFlags): SchemaDocs {
  const { io, options } = context;
  const settings = settingsOfStack(context, options.stack);
  const folder = configDirectory(context, settings);
  const service = flags.service ?? settings.service;
  const models = loadPipelineModels(folder, {
    environment: flags.environment ?? settings.environment,
    applicationRole: settings.applicationRole,
    ...(service === undefined ? {} : { service }),
    env: io.env,
  });
  const output = flags.outputDir === undefined ? resolve(folder, OUTPUT) : resolve(context.directory, flags.outputDir);
  const pages = [rootPage(serviceNames(folder)), ...models.flatMap(servicePages)];
  const within = service === undefined ? [""] : models.map(serviceFolder);
  return { directory: relative(io.cwd, output) || ".", ...writePages(output, pages, within) };
}
