import { join } from "node:path";
import { SCHEMA_PLACEHOLDER } from "../migration-set";
import { pathPart } from "../../lib/path-part";
import type { GatheredSink, GatheredTable } from "./gathered";
import type { FolderPlan } from "./plan-folder";
import { isMeant, type Scope } from "./scope";
import { tableDefinition } from "./table-definition";
import { filesBelow, removeFile, textIfThere, writeWhole } from "../../lib/generated-files";

interface DefinitionOptions extends Scope {
  readonly definitions?: string;
  readonly dryRun?: boolean;
}

/** Writes the definitions of a sink's tables, as far as they changed, and answers their paths within the folder. */
export function definitionsOf(sink: GatheredSink, plan: FolderPlan, options: DefinitionOptions): string[] {
  const { definitions: folder } = options;
  if (folder === undefined) return [];
  const meant = sink.tables.filter(({ schema, name }) => isMeant({ schema, table: name }, options));
  const texts = new Map(meant.map((table) => [pathOf(sink.name, table, plan), tableDefinition(sink.name, table)]));
  const changed = [...texts].filter(([path, text]) => textIfThere(join(folder, path)) !== text);
  const gone = goneDefinitions(sink.name, plan).filter((path) => !texts.has(path) && filesBelow(folder).includes(path));
  if (options.dryRun !== true) {
    for (const [path, text] of changed) writeWhole(join(folder, path), text);
    for (const path of gone) removeFile(folder, path);
  }
  return [...changed.map(([path]) => path), ...gone];
}

/** Where a table's definition is: named like its SQL file, so two never share one. */
function pathOf(sink: string, { service, schema, name }: GatheredTable, { tables }: FolderPlan): string {
  const own = tables.find(({ entry }) => entry.service === service && entry.schema === schema && entry.table === name);
  return definitionPath(sink, own?.entry.files[0]?.file ?? `01-tables/${pathPart(schema)}/${pathPart(name)}.sql`);
}

function goneDefinitions(sink: string, { removed }: FolderPlan): string[] {
  return removed.entries.flatMap(({ files }) => files.slice(0, 1).map(({ file }) => definitionPath(sink, file)));
}

function definitionPath(sink: string, file: string): string {
  const path = file.replace(/^01-tables\//, "").replace(/\.sql$/, ".yaml");
  const generic = `${pathPart(SCHEMA_PLACEHOLDER)}/`;
  return `${pathPart(sink)}/${path.startsWith(generic) ? path.slice(generic.length) : path}`;
}
