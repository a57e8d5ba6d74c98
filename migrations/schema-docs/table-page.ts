import { describe, filling, loss } from "./column-words";
import type { DocumentedColumn, DocumentedTable } from "./documented-table";
import { code, heading, MADE_BY, markdownTable, prose } from "./markdown";

/** The page of one table, in Markdown. */
export function tablePage(table: DocumentedTable): string {
  const parts = [
    `<!-- ${MADE_BY} -->`,
    `# ${heading(table.name)}`,
    ...(table.description === undefined ? [] : [table.description.replaceAll("<", "&#60;")]),
    facts(table),
    "## Columns",
    columnTable(table.columns),
    ...table.columns.flatMap(customerValues),
    ...notes(table),
  ];
  return `${parts.join("\n\n")}\n`;
}

function facts(table: DocumentedTable): string {
  const { source, transforms } = table;
  const rows: [string, string][] = [
    ["Service", code(table.service)],
    ["Sink", code(table.sink)],
    [table.perCustomer ? "Schemas, one per customer" : "Schema", table.schemas.map(code).join(", ")],
    ["Source table", code(`${source.schema}.${source.table}`)],
    ["Key", table.key.map(code).join(", ")],
    ["A delete at the source", table.onDelete === "hard" ? "removes the row" : "keeps the row, marked as deleted"],
    ["Owner", table.targetExists ? "somebody else: compared and filled, never altered" : "cdc"],
    ["Staging table", `${code(table.staging)}, ${table.stagingLogged ? "logged" : "unlogged"}`],
    ["Merge procedure", code(table.procedure)],
  ];
  return markdownTable(
    ["", ""],
    transforms.length === 0 ? rows : [...rows, ["Transforms", transforms.map(code).join(", ")]],
  );
}

function columnTable(columns: readonly DocumentedColumn[]): string {
  const head = ["Column", "Type", "Null", "Key", "Source column", "Source type", "Loses", "Filled with", "Description"];
  return markdownTable(
    head,
    columns.map((column) => [
      code(column.name),
      code(column.type),
      column.nullable ? "yes" : "no",
      column.key === undefined ? "" : String(column.key),
      ...[column.source, column.sourceType].map((text) => (text === undefined ? "" : code(text))),
      loss(column),
      filling(column),
      prose(describe(column) ?? ""),
    ]),
  );
}

function notes({ notes: all }: DocumentedTable): string[] {
  if (all.length === 0) return [];
  return ["## Notes", all.map(({ object, text }) => `- ${code(object)}: ${prose(text)}`).join("\n")];
}

function customerValues({ name, constants }: DocumentedColumn): string[] {
  if (constants === undefined) return [];
  const rows = Object.entries(constants).map(([customer, value]) => [
    code(customer),
    value === null ? "NULL" : code(value),
  ]);
  return [`## ${heading(name)} by customer`, markdownTable(["Customer", "Value"], rows)];
}
