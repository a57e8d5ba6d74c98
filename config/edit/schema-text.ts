import type { CatalogColumn, CatalogTable } from "../../model/catalog-table";
import { dashed, entryLines, mappingLines, type YamlMapping, type YamlValue } from "./render";

const MANNER = { text: "", step: 2 };

/** Where a schema YAML comes from. */
export interface SchemaOrigin {
  readonly database: string;
  readonly service: string;
}

/** The text of a new schema YAML. */
export function schemaText(table: CatalogTable, { database, service }: SchemaOrigin): string {
  const { schema, table: name, description } = table;
  const head = { database, schema, service, table: name, ...(description === undefined ? {} : { description }) };
  const columns = table.columns.flatMap((column) => item(mappingLines(writtenColumn(column, table), MANNER)));
  const key = needsList(table.primaryKey, table.columns) ? { primary_key: table.primaryKey } : {};
  const unique = table.uniqueIndexes.flatMap((names) => item(flowList(names)));
  const lines = [
    ...mappingLines(head, MANNER),
    "columns:",
    ...columns,
    ...mappingLines(key, MANNER),
    ...(unique.length === 0 ? [] : ["unique_indexes:", ...unique]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What is written of a column that the file doesn't have yet. */
export function writtenColumn(column: CatalogColumn, { primaryKey }: Pick<CatalogTable, "primaryKey">): YamlMapping {
  const { name, type, nullable, identity, computed, description } = column;
  const parts: Record<string, YamlValue | undefined> = {
    name,
    type,
    alias_type: column.aliasType,
    nullable: computed ? undefined : nullable,
    primary_key: primaryKey.includes(name) ? true : undefined,
    identity: identity ? true : undefined,
    computed: computed ? true : undefined,
    definition: column.definition,
    collation: column.collation,
    default: column.default,
    description,
  };
  return Object.fromEntries(Object.entries(parts).filter((part): part is [string, YamlValue] => part[1] !== undefined));
}

/** Whether flags on the columns don't tell the order of a key. */
export function needsList(key: readonly string[], columns: readonly { readonly name: string }[]): boolean {
  const inOrder = columns.map(({ name }) => name).filter((name) => key.includes(name));
  return JSON.stringify(inOrder) !== JSON.stringify(key);
}

function item(lines: readonly string[]): string[] {
  return dashed(lines).map((line) => `  ${line}`);
}

function flowList(names: readonly string[]): string[] {
  return entryLines("", names, MANNER).map((line) => line.replace(/^[^[]*/, ""));
}
