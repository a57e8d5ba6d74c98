import { sqlError } from "../errors";
import type { Assignment, Name, StatementOf, TableRef } from "../parse/ast";
import type { ResultRow } from "../compile/context";
import type { RowPlan } from "../session";
import type { Table } from "../storage/table";
import type { Row } from "../storage/row";
import type { Transaction } from "../storage/transaction";
import { deleteRow, insertRow, updateRows, type Change } from "../storage/write";
import { T } from "../values/sql-type";
import { as, type Value, type Values } from "../values/value";
import type { Compiled, Frame } from "../compile/compiled";
import type { Context } from "../compile/context";
import { compileFrom } from "../compile/from";
import { assignable, binary, coerce } from "../compile/operators";
import { withCommon } from "../compile/query";
import { unionType as unionTypeOf } from "../compile/expression-type";
import { Scope, type Source } from "../compile/scope";
import { compileOutput, type Changed, type CompiledOutput } from "./output-clause";
import { Inserter, targetTable } from "./inserter";
import { columnConverter, requireNoChildren, requireParents, TableWriter, UNSET } from "./table-writer";

/** What a statement changed, and the rows of its OUTPUT for the client. */
export interface Affected {
  readonly count: number;
  readonly output: { readonly plan: RowPlan; readonly rows: readonly ResultRow[] } | undefined;
}

const NO_VALUES: Values = [];

/** Collects what OUTPUT gives, for the client or for a table. */
export class OutputCollector {
  private readonly rows: Values[] = [];

  constructor(
    private readonly compiled: CompiledOutput | undefined,
    private readonly into: { readonly table: Table; readonly columns: readonly string[] } | undefined,
    private readonly context: Context,
    private readonly transaction: Transaction,
  ) {}

  add(changed: Changed): void {
    if (this.compiled) this.rows.push(this.compiled.row(changed));
  }

  finish(): Affected["output"] {
    if (!this.compiled) return undefined;
    if (!this.into) return { plan: this.compiled.plan, rows: this.rows.map((computed) => ({ sources: [], computed })) };
    const { table, columns } = this.into;
    const sources = this.compiled.items.map(({ value }) => value);
    const inserter = new Inserter(table, columns, sources, this.context);
    for (const values of this.rows) inserter.insert(values, this.transaction);
    return undefined;
  }
}

/** The collector of a statement's OUTPUT clause. */
export function collectorOf(
  clause: StatementOf<"insert">["output"],
  table: Table,
  others: readonly Source[],
  context: Context,
  transaction: Transaction,
): OutputCollector {
  const compiled = clause && compileOutput(clause, table, others, context);
  const into = clause?.into && { table: targetTable(clause.into.table, context), columns: clause.into.columns };
  return new OutputCollector(compiled, into, context, transaction);
}

/** INSERT. */
export function runInsert(
  statement: StatementOf<"insert">,
  context: Context,
  transaction: Transaction,
  executed?: { sources: Compiled[]; rows: Values[] },
): Affected {
  const table = targetTable(statement.table, context);
  const collector = collectorOf(statement.output, table, [], context, transaction);
  const rows = executed ?? sourceRows(statement, withCommon(statement, context));
  const columns = statement.source.kind === "default" ? [] : statement.columns;
  if (statement.source.kind === "default") {
    const values = new TableWriter(table, context).inserted(
      table.columns.map(() => UNSET),
      false,
    );
    requireParents(table, values, transaction, "INSERT");
    insertRow(table, values, transaction);
    collector.add({ inserted: values, deleted: NO_VALUES, others: [], action: "INSERT" });
    return { count: 1, output: collector.finish() };
  }
  const inserter = new Inserter(table, columns, rows.sources, context);
  for (const given of rows.rows) {
    const values = inserter.insert(given, transaction);
    collector.add({ inserted: values, deleted: NO_VALUES, others: [], action: "INSERT" });
  }
  return { count: rows.rows.length, output: collector.finish() };
}

function sourceRows(
  statement: StatementOf<"insert">,
  context: Context,
): { sources: Compiled[]; rows: (Value | typeof UNSET)[][] } {
  const { source } = statement;
  if (source.kind === "query") {
    const query = context.compile.query(source.query, undefined, context);
    const rows = [...query.rows({ rows: [], parent: undefined })].map((row) => [...query.flatten(row)]);
    return { sources: query.columns.map(({ type, nullable }) => ({ type, nullable, run: () => null })), rows };
  }
  if (source.kind !== "values") return { sources: [], rows: [] };
  return valueRows(source.rows, context);
}

/** Each row of VALUES converts its own expressions; the column type is reached from the first common one. */
function valueRows(rows: Extract<StatementOf<"insert">["source"], { kind: "values" }>["rows"], context: Context) {
  const scope = new Scope();
  const compiled = rows.map((row) =>
    row.map((value) => (value === "default" ? value : context.compile.expression(value, scope, context))),
  );
  const width = compiled[0]?.length ?? 0;
  if (compiled.some(({ length }) => length !== width)) throw sqlError(10709);
  const sources = Array.from({ length: width }, (_, i) => {
    const column = compiled.map((row) => row[i]).filter((value) => value !== undefined && value !== "default");
    return column.length === 0 ? { type: T.int, nullable: true, isNull: true, run: () => null } : common(column);
  });
  const frame: Frame = { rows: [], parent: undefined };
  const values = compiled.map((row) =>
    row.map((value, i) => (value === "default" ? UNSET : coerce(value, sources[i]?.type ?? value.type).run(frame))),
  );
  return { sources, rows: values };
}

function common(column: readonly Compiled[]): Compiled {
  const typed = column.filter(({ isNull }) => !isNull);
  const [first] = typed.length > 0 ? typed : column;
  if (!first) throw new Error("no values");
  if (typed.length <= 1) return first;
  const union = unionTypeOf(typed);
  return { type: union, nullable: true, run: () => null };
}

/** A target among the sources of FROM: by alias, or by the name of a table. */
export function locateTarget(
  target: Name,
  from: TableRef | undefined,
  context: Context,
): { from: TableRef; table: Table } {
  const wanted = target.at(-1)?.toLowerCase() ?? "";
  if (!from) {
    const table = targetTable(target, context);
    return { from: { kind: "table", name: target, hints: [] }, table };
  }
  const byAlias = target.length === 1 ? refs(from).find(({ alias }) => alias?.toLowerCase() === wanted) : undefined;
  if (byAlias) return { from, table: targetTable(byAlias.name, context) };
  const table = targetTable(target, context);
  const listed = refs(from).some((ref) => context.findTable(ref.name) === table);
  return {
    from: listed
      ? from
      : { kind: "join", type: "cross", left: { kind: "table", name: target, hints: [] }, right: from },
    table,
  };
}

function refs(from: TableRef): Extract<TableRef, { kind: "table" }>[] {
  switch (from.kind) {
    case "table":
      return [from];
    case "join":
    case "apply":
      return [...refs(from.left), ...refs(from.right)];
    default:
      return [];
  }
}

/** The slot of the target among the sources. */
export function slotOf(table: Table, scope: Scope, target: Name): number {
  const columns = new Set(table.columns);
  const candidates = scope.sources.filter(
    ({ fields }) => fields.length > 0 && fields.every(({ column }) => column && columns.has(column)),
  );
  const wanted = target.at(-1)?.toLowerCase();
  return (candidates.find(({ names }) => names[0] === wanted) ?? candidates[0])?.slot ?? 0;
}

interface Matching {
  readonly table: Table;
  readonly scope: Scope;
  readonly slot: number;
  /** One per row of the target, the first that matched. */
  readonly rows: readonly { readonly row: Row; readonly values: Values; readonly frame: Frame }[];
  readonly context: Context;
}

/** The rows that UPDATE and DELETE mean. */
export function matching(statement: StatementOf<"update"> | StatementOf<"delete">, base: Context): Matching {
  const outer = withCommon(statement, base);
  const { from, table } = locateTarget(statement.target, statement.from, outer);
  const context = { ...outer, tracked: { table, rows: new Map<Values, Row>() } };
  const scope = new Scope();
  const source = compileFrom(from, scope, context, statement.where);
  const where = statement.where && context.compile.condition(statement.where, scope, context);
  const slot = slotOf(table, scope, statement.target);
  const limit = statement.top
    ? Number(
        as.bigint(
          coerce(context.compile.expression(statement.top, scope, context), T.bigint).run({
            rows: [],
            parent: undefined,
          }),
        ),
      )
    : Infinity;
  const found = new Map<Row, { row: Row; values: Values; frame: Frame }>();
  for (const rows of source.rows({ rows: [], parent: undefined })) {
    if (found.size >= limit) break;
    const frame = { rows, parent: undefined };
    if (where && where(frame) !== true) continue;
    const values = rows[slot];
    const row = values && context.tracked.rows.get(values);
    if (row && !found.has(row)) found.set(row, { row, values, frame });
  }
  return { table, scope, slot, rows: [...found.values()], context };
}

/** Columns and variables that SET gives values to. */
export function compileAssignments(set: readonly Assignment[], table: Table, scope: Scope, context: Context) {
  return set.map(({ column: name, variable, operator, expr }) => {
    const column = name.length > 0 ? table.column(name.at(-1) ?? "") : undefined;
    if (name.length > 0 && !column) throw sqlError(207, name.at(-1) ?? "");
    if (column?.computed) throw sqlError(271, column.name);
    if (column?.identity) throw sqlError(8102, column.name);
    if (column?.type.name === "timestamp") throw sqlError(272);
    const ordinal = column ? table.ordinalOf(column) : -1;
    const isDefault = expr.kind === "call" && expr.name[0] === "$default";
    const value = isDefault ? undefined : context.compile.expression(expr, scope, context);
    const current =
      column && operator !== "=" ? context.compile.expression({ kind: "column", name }, scope, context) : undefined;
    const result = value && current ? binary(operator.slice(0, 1) as "+", current, value) : value;
    const convert = column && result ? columnConverter(table, column, result) : undefined;
    const target = variable === undefined ? undefined : context.variables.get(variable.toLowerCase());
    if (variable !== undefined && !target) throw sqlError(137, variable);
    const store = target && (result ?? current) ? assignable((result ?? current) as Compiled, target.type) : undefined;
    return { ordinal, result, convert, target, store };
  });
}

/** The row's values after SET. */
export function assigned(
  assignments: ReturnType<typeof compileAssignments>,
  writer: TableWriter,
  values: Values,
  frame: Frame,
): Values {
  const next = [...values];
  for (const { ordinal, result, convert, target, store } of assignments) {
    const raw = result ? result.run(frame) : null;
    if (ordinal >= 0) next[ordinal] = result ? (convert?.(raw) ?? null) : writer.defaultOf(ordinal);
    if (target) target.value = raw === null ? null : (store?.(raw) ?? null);
  }
  return writer.updated(next);
}

/** UPDATE. */
export function runUpdate(statement: StatementOf<"update">, base: Context, transaction: Transaction): Affected {
  const { table, scope, rows, context } = matching(statement, base);
  const assignments = compileAssignments(statement.set, table, scope, context);
  const collector = collectorOf(statement.output, table, scope.sources, context, transaction);
  const writer = new TableWriter(table, context);
  const changes = rows.map(({ row, values, frame }): Change & { frame: Frame } => ({
    row,
    before: values,
    after: assigned(assignments, writer, values, frame),
    frame,
  }));
  applyUpdates(table, changes, transaction);
  for (const { before, after, frame } of changes) {
    collector.add({ inserted: after, deleted: before, others: frame.rows, action: "UPDATE" });
  }
  return { count: changes.length, output: collector.finish() };
}

/** Updates rows and holds foreign keys to their word. */
export function applyUpdates(table: Table, changes: readonly Change[], transaction: Transaction): void {
  updateRows(table, changes, transaction);
  for (const { after } of changes) requireParents(table, after, transaction, "UPDATE");
  for (const { before, after } of changes) {
    const keyMoved = table.indexes.some((index) => index.shape.unique && index.moves(before, after));
    if (keyMoved) requireNoChildren(table, before, transaction, "UPDATE");
  }
}

/** DELETE. */
export function runDelete(statement: StatementOf<"delete">, base: Context, transaction: Transaction): Affected {
  const { table, scope, rows, context } = matching(statement, base);
  const collector = collectorOf(statement.output, table, scope.sources, context, transaction);
  for (const { row, values } of rows) deleteRow(table, row, values, transaction);
  for (const { values, frame } of rows) {
    requireNoChildren(table, values, transaction, "DELETE");
    collector.add({ inserted: NO_VALUES, deleted: values, others: frame.rows, action: "DELETE" });
  }
  return { count: rows.length, output: collector.finish() };
}
