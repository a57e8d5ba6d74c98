import type { OutputClause } from "../parse/ast";
import type { RowPlan } from "../session";
import type { Table } from "../storage/table";
import type { Values } from "../values/value";
import { nvarchar } from "../values/sql-type";
import type { Compiled } from "../compile/compiled";
import type { Context } from "../compile/context";
import { fieldsOf } from "../compile/from";
import { plainPlan, resultColumn, type Item } from "../compile/row-plan";
import { Scope, type Source } from "../compile/scope";
import { sqlError, unsupported } from "../errors";

/** What a changed row was and is; the other rows of FROM; and what MERGE did. */
export interface Changed {
  readonly inserted: Values;
  readonly deleted: Values;
  readonly others: readonly Values[];
  readonly action: "INSERT" | "UPDATE" | "DELETE";
}

/** OUTPUT, ready to run: the plan of its rows, and their values. */
export interface CompiledOutput {
  readonly plan: RowPlan;
  readonly items: readonly Item[];
  row(changed: Changed): Values;
}

/** Makes an OUTPUT clause ready to run. Slots: inserted, deleted, then the sources of FROM. */
export function compileOutput(
  clause: OutputClause,
  table: Table,
  others: readonly Source[],
  context: Context,
): CompiledOutput {
  const scope = new Scope();
  scope.add(["inserted"], fieldsOf(table));
  scope.add(["deleted"], fieldsOf(table));
  for (const { names, fields } of others) scope.add(names, fields);
  let action = "";
  const items = clause.items.flatMap((item): Item[] => {
    if (item.kind === "assign") throw unsupported("assigning variables in OUTPUT");
    if (item.kind === "star") {
      return scope.qualified(item.qualifier).flatMap((source) =>
        source.fields.map(({ name, type, nullable }, ordinal) => ({
          name,
          value: { type, nullable, run: (frame) => frame.rows[source.slot]?.[ordinal] ?? null } satisfies Compiled,
        })),
      );
    }
    if (item.expr.kind === "column" && item.expr.name.length === 1 && item.expr.name[0]?.toLowerCase() === "$action") {
      return [{ name: item.alias ?? "$action", value: { type: nvarchar(10), nullable: false, run: () => action } }];
    }
    const name = item.alias ?? (item.expr.kind === "column" ? (item.expr.name.at(-1) ?? "") : "");
    const { type, nullable, run } = context.compile.expression(item.expr, scope, context);
    return [{ name, value: { type, nullable: nullable || !name, run } }];
  });
  if (items.length === 0) throw sqlError(102, "OUTPUT");
  // The other half of an insert or delete is all NULL.
  const columns = items.map(resultColumn).map((column) => ({ ...column, nullable: true }));
  return {
    plan: plainPlan(columns),
    items,
    row: (changed) => {
      ({ action } = changed);
      const frame = { rows: [changed.inserted, changed.deleted, ...changed.others], parent: undefined };
      return items.map(({ value }) => value.run(frame));
    },
  };
}
