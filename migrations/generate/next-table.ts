import type { ModelChange } from "../../model/diff";
import type { Change } from "../../sql/plan";
import { evolve, type Evolution } from "../evolve";
import { SCHEMA_PLACEHOLDER, type FileEntry, type ManualEntry, type TableEntry } from "../migration-set";
import { qualified } from "../../sql/sql";
import type { TablePaths } from "./file-paths";
import type { FormerTable } from "./former-tables";
import type { GatheredTable } from "./gathered";
import { removedColumnFile, typeChangeFile, type ManualChange } from "./manual-file";
import { stepFile } from "./step-file";
import { fileHeader, stagingFile, tableFile, type RenderedFile } from "./table-files";
import { templateTable, type TemplateTable } from "./template-table";

/** A table of the new manifest, with the files that were rendered for it. */
export interface NextTable {
  readonly entry: TableEntry;
  readonly files: readonly RenderedFile[];
  readonly manual: readonly ManualEntry[];
  readonly differences: readonly ModelChange[];
  /** What a step does, also of an earlier run's files; none without a former table. */
  readonly changes: readonly Change[];
  /** The entry that this one continues. */
  readonly formerly?: TableEntry;
  readonly questions: readonly string[];
}

/** What is known of a table besides the configuration. */
export interface TableHistory {
  readonly paths: TablePaths;
  readonly former: FormerTable | undefined;
  /** What a person has yet to do. */
  readonly manual: readonly ManualEntry[];
  /** Intact steps that no manifest lists: a run was cut off, or branches were merged. */
  readonly orphans: readonly FileEntry[];
}

/** Renders a table's files, and the steps from what its files were before. */
export function nextTable(gathered: GatheredTable, history: TableHistory): NextTable {
  const { paths, former } = history;
  const template = templateTable(gathered);
  const files = [tableFile(paths.table, gathered, template), stagingFile(paths.staging, gathered, template)];
  const evolution = former?.desired === undefined ? undefined : evolve(former.desired, template, former.entry.kept);
  const added = evolution === undefined ? [] : manualChanges(evolution, gathered, template, paths);
  const earlier = [...carriedSteps(gathered, former), ...history.orphans];
  const steps =
    evolution === undefined || evolution.changes.length === 0
      ? []
      : [step(evolution, earlier, gathered, template, paths)];
  const kept = keptColumns(former?.entry.kept, evolution, template);
  const { service, schema, name: table, except } = gathered;
  const entry: TableEntry = {
    service,
    schema,
    table,
    kind: template.table.targetExists ? "existing" : "managed",
    ...(except.length === 0 ? {} : { except }),
    files: files.map(entryOf),
    changes: [...earlier, ...steps.map(entryOf)],
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
  };
  return {
    entry,
    files: [...steps, ...added.map(({ file }) => file), ...files],
    manual: manualEntries(history.manual, added, entry, template),
    differences: evolution?.differences ?? [],
    changes: evolution?.changes ?? [],
    ...(former === undefined ? {} : { formerly: former.entry }),
    questions: evolution?.questions ?? [],
  };
}

/** Steps that hold for the new files as well: a step of one customer's own files names that customer's schema. */
function carriedSteps({ schema }: GatheredTable, former: FormerTable | undefined): readonly FileEntry[] {
  if (former === undefined) return [];
  const holds = former.entry.schema === schema || former.entry.schema === SCHEMA_PLACEHOLDER;
  return holds ? former.entry.changes : [];
}

function step(
  { changes }: Evolution,
  earlier: readonly FileEntry[],
  gathered: GatheredTable,
  { table }: TemplateTable,
  paths: TablePaths,
): RenderedFile {
  const numbers = earlier.map(({ file }) => Number(/(\d+)-[^/]*$/.exec(file)?.[1] ?? 0));
  const header = fileHeader(gathered, qualified(table.schema, table.table));
  return stepFile(paths.changes, Math.max(0, ...numbers) + 1, header, changes);
}

function manualChanges(
  { removed, impossible }: Evolution,
  gathered: GatheredTable,
  { table }: TemplateTable,
  paths: TablePaths,
): ManualChange[] {
  const header = fileHeader(gathered, qualified(table.schema, table.table));
  return [
    ...Object.entries(removed).map(([column, spec]) => removedColumnFile(paths, header, table, column, spec)),
    ...impossible.map((change) => typeChangeFile(paths, header, table, change)),
  ];
}

function keptColumns(
  before: TableEntry["kept"],
  evolution: Evolution | undefined,
  { table }: TemplateTable,
): Record<string, string> {
  const renamed = new Set((evolution?.differences ?? []).map(({ renamedFrom }) => renamedFrom));
  const all = Object.entries({ ...before, ...evolution?.removed });
  const still = all.filter(([name]) => !Object.hasOwn(table.columns, name) && !renamed.has(name));
  return Object.fromEntries(still.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What is still to be done, and what came up now; a column that is wanted again is no longer to be dropped. */
function manualEntries(
  before: readonly ManualEntry[],
  added: readonly ManualChange[],
  { service, schema, table, kept = {} }: TableEntry,
  template: TemplateTable,
): ManualEntry[] {
  const own = added.map(({ entry }) => ({ service, schema, table, ...entry }));
  const files = new Set(own.map(({ file }) => file));
  const still = before.filter(({ file, reason, column = "" }) => {
    if (files.has(file) || reason !== "column-removed") return false;
    return !Object.hasOwn(template.table.columns, column) && Object.hasOwn(kept, column);
  });
  return [...still, ...own];
}

function entryOf({ path, checksum }: RenderedFile): FileEntry {
  return { file: path, checksum };
}
