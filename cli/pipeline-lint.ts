import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DocumentProblem } from "../pipelines/lint/lint-document";
import type { Context } from "./context";
import { listPipelines, openPipelines, type ListedDocument, type PipelineFlags } from "./pipeline-files";

/** What `cdc pipelines lint --json` prints. */
export interface LintedPipelines {
  readonly directory: string;
  readonly documents: number;
  readonly problems: readonly DocumentProblem[];
  /** Linters of others that ran. */
  readonly tools: readonly string[];
}

/** Checks the files of the documents as they stand on disk. */
export async function lintPipelines(
  context: Context,
  flags: PipelineFlags & { readonly external: boolean },
): Promise<LintedPipelines> {
  const { lintDocument } = await import("../pipelines/lint/lint-document");
  const { lintMappings, lintTables } = await import("../pipelines/lint/lint-model");
  const run = openPipelines(context, flags);
  const files = listPipelines(run).flatMap((document) => readDocument(run.output, document));
  const own = files.flatMap((file) => {
    if (file.text === undefined) return [{ path: file.path, text: "there is no such file: cdc pipelines generate" }];
    const document = { path: file.path, text: file.text };
    const problems = lintDocument(document);
    return file.kind === "connect-sink" && problems.length === 0 ? lintTables(document, run.models) : problems;
  });
  const external = flags.external ? await externally(context, run.output, files) : { tools: [], problems: [] };
  const problems = [...lintMappings(run.models), ...own, ...external.problems];
  return { directory: run.shown, documents: files.length, problems, tools: external.tools };
}

interface ReadDocument extends ListedDocument {
  readonly text: string | undefined;
}

function readDocument(folder: string, document: ListedDocument): ReadDocument[] {
  if (document.state === "orphan") return [];
  const file = join(folder, document.path);
  return [{ ...document, text: existsSync(file) ? readFileSync(file, "utf8") : undefined }];
}

async function externally(context: Context, folder: string, files: readonly ReadDocument[]) {
  const { lintExternally } = await import("../pipelines/lint/external");
  const present = files.flatMap(({ path, kind, text }) => (text === undefined ? [] : [{ path, kind, text }]));
  return lintExternally(folder, present, context.io.env);
}
