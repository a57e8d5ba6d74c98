import { planMergeProcedure } from "../../sql/plans/merge-procedure";
import { planSinkTable } from "../../sql/plans/sink-table";
import { planStagingTable } from "../../sql/plans/staging-table";
import { validationStatement } from "../../sql/plans/validate-target";
import { qualified } from "../../sql/sql";
import { bodyOf, renderFile, type MigrationFile } from "../migration-file";
import type { GatheredTable } from "./gathered";
import { withPlaceholders, withShapeHash, type TemplateTable } from "./template-table";

/** A file with its whole text. */
export type RenderedFile = MigrationFile & { readonly text: string };

/** The table's file: its DDL, or for somebody else's table what checks it. */
export function tableFile(path: string, gathered: GatheredTable, template: TemplateTable): RenderedFile {
  const { table } = template;
  const { statements } = planSinkTable(undefined, table);
  const all = table.targetExists ? [...statements, validationStatement(table)] : statements;
  const target =
    qualified(table.schema, table.table) + (table.targetExists ? " (exists already: validated, never altered)" : "");
  return renderFile(path, fileHeader(gathered, target), withPlaceholders(bodyOf(all)));
}

/** The staging file: staging table, trigger, merge procedure and registration. */
export function stagingFile(path: string, gathered: GatheredTable, template: TemplateTable): RenderedFile {
  const { staging, procedure } = template;
  const statements = [
    ...planStagingTable(undefined, staging).statements,
    ...planMergeProcedure(undefined, procedure).statements,
  ];
  const target = qualified(staging.schema, staging.staging);
  return renderFile(path, fileHeader(gathered, target), withShapeHash(bodyOf(statements)));
}

/** Source, target and transforms of a table, as every file of it tells them. */
export function fileHeader(gathered: GatheredTable, target: string): [string, string][] {
  const { source, transforms, columns } = gathered.instances[0]?.table ?? {};
  const bracketed = (name = "") => `[${name.replaceAll("]", "]]")}]`;
  const templates = (columns ?? []).filter(({ origin }) => origin === "template").map(({ name }) => name);
  const header: [string, string][] = [
    ["Service", gathered.service],
    ["Source", `MSSQL ${bracketed(source?.schema)}.${bracketed(source?.table)}`],
    ["Target", target],
    ...(templates.length === 0 ? [] : [["Template columns", templates.join(", ")] as [string, string]]),
    ...(transforms === undefined || transforms.length === 0
      ? []
      : [["Transforms", transforms.join(", ")] as [string, string]]),
  ];
  return header.map(([word, text]) => [word, withPlaceholders(text)]);
}
