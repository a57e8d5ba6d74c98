import type { Column } from "./column";
import type { DefinedColumn, SinkTableConfig, SourceTableConfig } from "./config";
import { didYouMean, type Findings } from "./findings";
import { identifierFault, sinkColumnName } from "./identifier";
import { nearestWord } from "./nearest-word";
import { within } from "./problem";
import { mapType, type ColumnOverride, type TypeMapping } from "./type-mapping";

/** What the first steps of the column pipeline work on. */
export interface SourceTableUse {
  readonly source: SourceTableConfig;
  readonly sink: SinkTableConfig;
  readonly mapping: TypeMapping;
}

/** A sink column made from a source column, with what its key check needs. */
export interface SourceColumn extends Column {
  readonly source: string;
  readonly sourceType: string;
  /** A large object: it can't be part of a key. */
  readonly lob: boolean;
}

/** Schema YAML, ignore_columns, include_columns, type mapping and renames, in this order. */
export function sourceColumns(use: SourceTableUse, findings: Findings): SourceColumn[] {
  const { source, sink } = use;
  const names = source.definition.columns.map((column) => column.name);
  checkNames(source, names, findings);
  checkOverrides(source, use.mapping, names, findings);
  const captured = source.definition.columns.filter((column) => isCaptured(source, column, findings));
  const chosen = captured.filter((column) => isChosen(source, column.name));
  const renames = renamesBySource(sink, source, chosen, findings);
  const onlyMapped = sink.targetExists && renames.size > 0;
  const left = onlyMapped ? chosen.filter(({ name }) => !renames.has(name)).map(({ name }) => name) : [];
  if (left.length > 0)
    findings.info(objectOf(source), `not in columns: of the existing table, so left out: ${left.join(", ")}`);
  return chosen.flatMap((column) => {
    const names = renames.get(column.name) ?? (onlyMapped ? [] : [column.name]);
    return names.map((name) => mapped(use, column, name, findings));
  });
}

/** Finds type overrides of columns that the table doesn't have. */
function checkOverrides(
  source: SourceTableConfig,
  mapping: TypeMapping,
  names: readonly string[],
  findings: Findings,
): void {
  for (const [column, { at }] of Object.entries(overridesOf(mapping, source))) {
    if (at === undefined || names.includes(column)) continue;
    const hint = didYouMean(nearestWord(column, names), `its columns are in ${source.definition.at.file}`);
    findings.problem(at, `${objectOf(source)} has no column ${column}`, hint);
  }
}

export function objectOf(source: { readonly schema: string; readonly table: string }): string {
  return `${source.schema}.${source.table}`;
}

function checkNames(source: SourceTableConfig, names: readonly string[], findings: Findings): void {
  const { at } = source.definition;
  names.forEach((name, index) => {
    const fault = identifierFault(name);
    if (fault !== undefined)
      findings.problem(within(at, "columns", index, "name"), `column name ${JSON.stringify(name)} ${fault}`);
    if (names.indexOf(name) < index)
      findings.problem(within(at, "columns", index, "name"), `column ${name} is there twice`);
  });
  checkListed(source, "ignore_columns", source.ignoreColumns, names, findings);
  checkListed(source, "include_columns", source.includeColumns ?? [], names, findings);
}

function checkListed(
  source: SourceTableConfig,
  list: string,
  listed: readonly string[],
  names: readonly string[],
  findings: Findings,
): void {
  listed.forEach((name, index) => {
    if (names.includes(name)) return;
    const hint = didYouMean(nearestWord(name, names), `its columns are in ${source.definition.at.file}`);
    findings.problem(within(source.at, list, index), `${objectOf(source)} has no column ${name}`, hint);
  });
}

/** SQL Server doesn't capture computed columns: their values in a change table are always NULL. */
function isCaptured(source: SourceTableConfig, column: DefinedColumn, findings: Findings): boolean {
  if (column.computed && !source.ignoreColumns.includes(column.name)) {
    findings.info(`${objectOf(source)}.${column.name}`, "computed column, which SQL Server does not capture: left out");
  }
  return !column.computed;
}

function isChosen(source: SourceTableConfig, name: string): boolean {
  return !source.ignoreColumns.includes(name) && (source.includeColumns?.includes(name) ?? true);
}

/** Sink names by source column, from `columns:` (sink name: source name). */
function renamesBySource(
  sink: SinkTableConfig,
  source: SourceTableConfig,
  chosen: readonly DefinedColumn[],
  findings: Findings,
): Map<string, string[]> {
  const names = new Set(chosen.map((column) => column.name));
  const renames = new Map<string, string[]>();
  for (const [target, from] of Object.entries(sink.columns)) {
    if (names.has(from)) renames.set(from, [...(renames.get(from) ?? []), target]);
    else findings.problem(within(sink.at, "columns", target), ...missing(source, from, names));
  }
  return renames;
}

function missing(source: SourceTableConfig, name: string, chosen: ReadonlySet<string>): [text: string, hint: string] {
  const known = source.definition.columns.find((column) => column.name === name);
  const object = `${objectOf(source)}.${name}`;
  if (known?.computed === true)
    return [`${object} is computed, which SQL Server does not capture`, "take it out of columns:"];
  if (known !== undefined)
    return [`${object} is left out by ignore_columns or include_columns`, "take it out of one of the two"];
  return [
    `${objectOf(source)} has no column ${name}`,
    didYouMean(nearestWord(name, chosen), `its columns are in ${source.definition.at.file}`),
  ];
}

function mapped(use: SourceTableUse, column: DefinedColumn, target: string, findings: Findings): SourceColumn {
  const { source, mapping } = use;
  const object = `${objectOf(source)}.${column.name}`;
  const sourceType = column.type ?? "";
  const type = mapType(sourceType, mapping, overrideOf(mapping, source, column.name));
  const name = sinkColumnName(target);
  if (name !== target) findings.info(object, `stored as column ${name}`);
  if (type.note !== undefined) findings.notes.push({ ...type.note, object });
  if (type.lob && !column.nullable)
    findings.info(object, "nullable in the sink: an update that leaves a large value alone does not carry it");
  const nullable = column.nullable || type.lob;
  const common = {
    name,
    type: type.type,
    nullable,
    origin: "source" as const,
    source: column.name,
    sourceType,
    lob: type.lob,
    ...(column.description === undefined ? {} : { description: column.description }),
  };
  return type.lossy === undefined ? common : { ...common, lossy: type.lossy };
}

function overridesOf(mapping: TypeMapping, source: SourceTableConfig): Readonly<Record<string, ColumnOverride>> {
  const table = objectOf(source);
  return (Object.hasOwn(mapping.columns, table) ? mapping.columns[table] : undefined) ?? {};
}

function overrideOf(mapping: TypeMapping, source: SourceTableConfig, column: string): ColumnOverride | undefined {
  const overrides = overridesOf(mapping, source);
  return Object.hasOwn(overrides, column) ? overrides[column] : undefined;
}
