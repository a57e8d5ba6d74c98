import type { PipelineModel, SinkTable } from "../../model/sink";
import { parseDocument, type PipelineDocument } from "../document";
import { sentColumns } from "../units";
import { bloblangFaults } from "./bloblang-faults";
import type { DocumentProblem } from "./lint-document";

/** A table as a sink document names it: columns by sink name, with their source names. */
export interface NamedTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
}

const TABLES = /let tables = (\{[\s\S]*?\n\})/;

/** The tables and columns that a sink document names; undefined when it has no such list (another template). */
export function namedTables(text: string): NamedTable[] | undefined {
  const found = mappingsIn(parseDocument(text)).map((mapping) => TABLES.exec(mapping)?.[1]);
  const literal = found.find((one) => one?.includes('"columns"') === true && one.includes('"schema"'));
  return literal === undefined ? undefined : Object.values(JSON.parse(literal) as Record<string, NamedTable>);
}

/** Compares what sink documents name with the model: staging tables and columns must be those that are deployed. */
export function lintTables(
  { path, text }: Pick<PipelineDocument, "path" | "text">,
  models: readonly PipelineModel[],
): DocumentProblem[] {
  const tables = new Map(tablesOf(models).map((table) => [`${table.schema}\0${table.name}`, table]));
  return (namedTables(text) ?? []).flatMap((named) => {
    const table = tables.get(`${named.schema}\0${named.table}`);
    if (table === undefined) return [{ path, text: `there is no table ${named.schema}.${named.table} in the model` }];
    const wanted = sentColumns(table).map(({ name }) => name);
    const extra = Object.keys(named.columns).filter((name) => !wanted.includes(name));
    const missing = wanted.filter((name) => !Object.hasOwn(named.columns, name));
    const of = `${named.schema}.${named.table}`;
    return [
      ...extra.map((name) => ({ path, text: `table ${of} has no column ${name}` })),
      ...missing.map((name) => ({
        path,
        text: `column ${name} of table ${of} is not in the document: generate it again`,
      })),
    ];
  });
}

/** Checks the Bloblang of transforms, each once: syntax, and the columns of the tables that use it. */
export function lintMappings(models: readonly PipelineModel[]): DocumentProblem[] {
  const problems = new Map<string, DocumentProblem>();
  for (const table of tablesOf(models)) {
    const columns = table.columns.flatMap(({ source }) => source ?? []);
    for (const { name, text } of table.mappings ?? []) {
      const faults = text === undefined ? [{ line: 0, text: "its file is missing" }] : bloblangFaults(text, columns);
      for (const fault of faults) {
        const problem = { path: name, line: fault.line, text: `${fault.text} (table ${table.source.table})` };
        problems.set(JSON.stringify(problem), problem);
      }
    }
  }
  return [...problems.values()];
}

function tablesOf(models: readonly PipelineModel[]): SinkTable[] {
  return models.flatMap((model) => model.sinks.flatMap((sink) => sink.tables));
}

function mappingsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mappingsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === "mapping" && typeof one === "string" ? [one] : mappingsIn(one),
  );
}
