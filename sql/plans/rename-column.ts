import { askRename, type RenameQuestion } from "../../model/rename-question";
import type { ColumnRename } from "../../model/table-hints";
import type { PlanFailure } from "../plan";
import { ident, literal, qualified, type Sql } from "../sql";
import { renderTemplate, type SqlView } from "../template";

/** The statement that renames a column of a final table. */
export function renameStatement(
  { schema, table, key }: { readonly schema: string; readonly table: string; readonly key: readonly string[] },
  rename: ColumnRename,
): Sql {
  const value = !key.includes(rename.to);
  return renderTemplate("postgres/table/rename.sql", {
    table: qualified(schema, table),
    name: literal(qualified(schema, table)),
    value,
    ...renameView(rename),
  });
}

/** The statement that renames a column of a staging table, in its rows and in the table's dead letters. */
export function stagingRename(
  { schema, table, staging }: { readonly schema: string; readonly table: string; readonly staging: string },
  rename: ColumnRename,
): Sql {
  return renderTemplate("postgres/staging/rename.sql", {
    staging: qualified(schema, staging),
    name: literal(qualified(schema, staging)),
    schemaText: literal(schema),
    tableText: literal(table),
    ...renameView(rename),
  });
}

/** What a drop and an add of one type asks. */
export function renameFailure(question: RenameQuestion): PlanFailure {
  const { from, to } = question;
  return { property: `columns.${to}`, reason: askRename(question), rename: { from, to } };
}

function renameView({ from, to }: ColumnRename): SqlView {
  return { from: ident(from), to: ident(to), fromText: literal(from), toText: literal(to) };
}
