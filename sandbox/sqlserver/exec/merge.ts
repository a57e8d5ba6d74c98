import { sqlError } from "../errors";
import type { MergeBranch, StatementOf } from "../parse/ast";
import type { Row } from "../storage/row";
import type { Table } from "../storage/table";
import type { Transaction } from "../storage/transaction";
import { deleteRow, type Change } from "../storage/write";
import type { Values } from "../values/value";
import type { Condition, Frame } from "../compile/compiled";
import type { Context } from "../compile/context";
import { compileFrom } from "../compile/from";
import { withCommon } from "../compile/query";
import { Scope } from "../compile/scope";
import { applyUpdates, assigned, collectorOf, compileAssignments, slotOf, type Affected } from "./dml";
import { Inserter, targetTable } from "./inserter";
import { requireNoChildren, TableWriter, UNSET } from "./table-writer";

interface Pair {
  readonly frame: Frame;
  readonly target: { readonly row: Row; readonly values: Values } | undefined;
  readonly source: boolean;
}

/** MERGE: all rows are matched first, then deleted, updated and inserted. */
export function runMerge(statement: StatementOf<"merge">, base: Context, transaction: Transaction): Affected {
  const table = targetTable(statement.target, base);
  const context = { ...withCommon(statement, base), tracked: { table, rows: new Map<Values, Row>() } };
  const { scope, slot, pairs } = matched(statement, table, context);
  const branches = statement.branches.map((branch) => ({ branch, test: testOf(branch, scope, context) }));
  const collector = collectorOf(statement.output, table, scope.sources, context, transaction);
  const work = {
    updates: new Map<MergeBranch, Pair[]>(),
    deletes: [] as Pair[],
    inserts: new Map<MergeBranch, Pair[]>(),
  };
  const touched = new Set<Row>();
  for (const pair of pairs) {
    const hit = branches.find(({ branch, test }) => fits(branch, pair) && test(pair.frame) === true)?.branch;
    if (!hit) continue;
    if (pair.target) {
      if (touched.has(pair.target.row)) throw sqlError(8672);
      touched.add(pair.target.row);
    }
    if (hit.action.kind === "delete") work.deletes.push(pair);
    else push(hit.action.kind === "update" ? work.updates : work.inserts, hit, pair);
  }
  for (const { target, frame } of work.deletes) {
    if (!target) continue;
    deleteRow(table, target.row, target.values, transaction);
    requireNoChildren(table, target.values, transaction, "DELETE");
    collector.add({ inserted: [], deleted: target.values, others: frame.rows, action: "DELETE" });
  }
  const updates = [...work.updates].flatMap(([branch, found]) => changesOf(branch, found, table, scope, context));
  applyUpdates(table, updates, transaction);
  for (const { before, after, frame } of updates)
    collector.add({ inserted: after, deleted: before, others: frame.rows, action: "UPDATE" });
  for (const [branch, found] of work.inserts)
    insertAll(branch, found, { table, scope, context, slot, transaction, collector });
  const inserts = [...work.inserts.values()].reduce((sum, { length }) => sum + length, 0);
  return { count: work.deletes.length + updates.length + inserts, output: collector.finish() };
}

function push(map: Map<MergeBranch, Pair[]>, branch: MergeBranch, pair: Pair): void {
  const found = map.get(branch);
  if (found) found.push(pair);
  else map.set(branch, [pair]);
}

function testOf({ condition }: MergeBranch, scope: Scope, context: Context): Condition {
  return condition ? context.compile.condition(condition, scope, context) : () => true;
}

function fits({ when }: MergeBranch, { target, source }: Pair): boolean {
  if (when === "matched") return target !== undefined && source;
  return when === "notMatched" ? target === undefined : !source;
}

/** Every source row with its target rows, and the target rows that no source row has. */
function matched(
  statement: StatementOf<"merge">,
  table: Table,
  context: Context & { tracked: { rows: Map<Values, Row> } },
) {
  const right = {
    kind: "table",
    name: statement.target,
    hints: [],
    ...(statement.alias !== undefined && { alias: statement.alias }),
  } as const;
  const scope = new Scope();
  const joined = compileFrom(
    { kind: "join", type: "full", left: statement.source, right, on: statement.on },
    scope,
    context,
    undefined,
  );
  const slot = slotOf(table, scope, [statement.alias ?? statement.target.at(-1) ?? ""]);
  const pairs: Pair[] = [];
  for (const rows of joined.rows({ rows: [], parent: undefined })) {
    const values = rows[slot];
    const row = values && context.tracked.rows.get(values);
    pairs.push({
      frame: { rows, parent: undefined },
      target: row && { row, values },
      source: rows.some((other, i) => i !== slot && other.length > 0),
    });
  }
  return { scope, slot, pairs };
}

function changesOf(
  branch: MergeBranch,
  pairs: readonly Pair[],
  table: Table,
  scope: Scope,
  context: Context,
): (Change & { frame: Frame })[] {
  if (branch.action.kind !== "update") return [];
  const assignments = compileAssignments(branch.action.set, table, scope, context);
  const writer = new TableWriter(table, context);
  return pairs.flatMap(({ target, frame }) =>
    target
      ? [{ row: target.row, before: target.values, after: assigned(assignments, writer, target.values, frame), frame }]
      : [],
  );
}

interface InsertParts {
  readonly table: Table;
  readonly scope: Scope;
  readonly context: Context;
  readonly slot: number;
  readonly transaction: Transaction;
  readonly collector: ReturnType<typeof collectorOf>;
}

function insertAll(
  branch: MergeBranch,
  pairs: readonly Pair[],
  { table, scope, context, transaction, collector }: InsertParts,
): void {
  if (branch.action.kind !== "insert") return;
  const { columns, values } = branch.action;
  const compiled = values.map((value) =>
    value === "default"
      ? ({
          type: table.columns[0]?.type ?? { name: "int", length: 0, precision: 0, scale: 0 },
          nullable: true,
          isNull: true,
          run: () => null,
        } as const)
      : context.compile.expression(value, scope, context),
  );
  const inserter = new Inserter(table, columns, compiled, context);
  for (const { frame } of pairs) {
    const given = compiled.map((value, i) => (values[i] === "default" ? UNSET : value.run(frame)));
    collector.add({ inserted: inserter.insert(given, transaction), deleted: [], others: frame.rows, action: "INSERT" });
  }
}
