import { SqlError, sqlError, unsupported } from "../errors";
import { EMPTY_FRAME } from "../compile/compiled";
import { assignable, binary, coerce } from "../compile/operators";
import { Scope } from "../compile/scope";
import { resolveType } from "../compile/types";
import type { Expr, Statement, StatementOf } from "../parse/ast";
import { Table } from "../storage/table";
import type { Transaction } from "../storage/transaction";
import { nvarchar, T, MAX } from "../values/sql-type";
import { as, type Value } from "../values/value";
import { alterTable } from "./alter-table";
import type { Batch } from "./batch";
import { addIndex, createTable, dropObject, shapeTable, truncate } from "./ddl";
import { runDelete, runInsert, runUpdate, type Affected } from "./dml";
import { targetTable } from "./inserter";
import { runProcedure, runDynamic, captureRows } from "./procedures";
import { runMerge } from "./merge";
import { alterDatabase, createNamed, dropDatabases, setOption } from "./settings";
import { runQuery } from "./run-query";
import { raise } from "./raiserror";

const COMMANDS = { insert: 0xc3, delete: 0xc4, update: 0xc5, merge: 0x117 } as const;

/** Runs a statement that is no control flow. Throws SqlError; LockWait never gets out. */
export async function runStatement(statement: Statement, batch: Batch): Promise<void> {
  switch (statement.kind) {
    case "query":
      await runQuery(statement.query, batch);
      break;
    case "insert":
      await change(statement, batch, await executedRows(statement, batch));
      break;
    case "update":
    case "delete":
    case "merge":
      await change(statement, batch, undefined);
      break;
    case "exec":
      await runProcedure(statement, batch);
      break;
    case "execText":
      await runDynamic(as.text(await textOf(statement.text, batch)), batch, new Map());
      break;
    case "declare":
      for (const variable of statement.variables) await declare(variable, batch);
      break;
    case "set":
      await setVariable(statement, batch);
      break;
    default:
      await runRest(statement, batch);
  }
}

async function runRest(statement: Statement, batch: Batch): Promise<void> {
  const { session, output } = batch;
  switch (statement.kind) {
    case "setOption":
      await setOption(statement, batch);
      break;
    case "print": {
      const text = await textOf(statement.expr, batch);
      output.message(new SqlError(0, 0, 1, text === null ? " " : as.text(text).slice(0, 4000)));
      break;
    }
    case "raiserror":
      await raise(statement, batch);
      break;
    case "use":
      session.use(statement.database, output);
      break;
    case "waitfor":
      await waitFor(statement, batch);
      break;
    case "begin":
      session.begin(output, undefined);
      break;
    case "commit":
      session.commit(output);
      break;
    case "rollback":
      session.rollback(output, await nameOf(statement.name, batch));
      break;
    case "save":
      session.save(await nameOf(statement.name, batch));
      break;
    default:
      await runDefinition(statement, batch);
  }
}

async function runDefinition(statement: Statement, batch: Batch): Promise<void> {
  const { session } = batch;
  switch (statement.kind) {
    case "createTable":
      if (statement.table.at(-1)?.startsWith("#")) createTemporary(statement, batch);
      else await batch.transact((transaction, context) => createTable(statement, context, transaction));
      break;
    case "declareTable":
      batch.variables.tables.set(statement.name.toLowerCase(), loose(statement.name, statement, batch));
      break;
    case "alterTable":
      await batch.transact((transaction, context) => {
        alterTable(statement, batch.source, context, transaction);
      });
      break;
    case "createIndex":
    case "dropIndex":
      await changeIndexes(statement, batch);
      break;
    case "truncate":
      await batch.transact((transaction, context) => {
        truncate(statement.table, context, transaction);
      });
      break;
    case "drop":
      if (statement.what === "database") dropDatabases(statement, session);
      else if (statement.names.every((name) => name.at(-1)?.startsWith("#"))) dropTemporary(statement, batch);
      else
        await batch.transact((transaction, context) => {
          dropObject(statement, context, transaction);
        });
      break;
    case "create":
      createNamed(statement, session);
      break;
    case "alterDatabase":
      alterDatabase(statement, session);
      break;
    case "bulkInsert":
      session.bulkTarget = statement;
      break;
    case "nothing":
      break;
    default:
      throw unsupported(`the statement ${statement.kind}`);
  }
}

async function changeIndexes(
  statement: StatementOf<"createIndex"> | StatementOf<"dropIndex">,
  batch: Batch,
): Promise<void> {
  const keep = (table: Table, transaction: Transaction) => {
    const { indexes } = table;
    transaction.onUndo(() => (table.indexes = indexes));
  };
  await batch.transact((transaction, context) => {
    if (statement.kind === "createIndex") {
      const table = targetTable(statement.index.table, context);
      keep(table, transaction);
      addIndex(table, statement.index);
      return;
    }
    for (const { name, table: tableName } of statement.indexes) {
      const table = targetTable(tableName, context);
      const found = table.indexes.find(({ shape }) => shape.name.toLowerCase() === name.toLowerCase());
      if (!found && !statement.ifExists) throw sqlError(3701, "index", `${tableName.join(".")}.${name}`);
      keep(table, transaction);
      table.indexes = table.indexes.filter((one) => one !== found);
    }
  });
}

type Change = StatementOf<"insert"> | StatementOf<"update"> | StatementOf<"delete"> | StatementOf<"merge">;

async function change(
  statement: Change,
  batch: Batch,
  executed: Awaited<ReturnType<typeof executedRows>>,
): Promise<void> {
  const { count, output } = await batch.transact((transaction, context): Affected => {
    switch (statement.kind) {
      case "insert":
        return runInsert(statement, context, transaction, executed);
      case "update":
        return runUpdate(statement, context, transaction);
      case "delete":
        return runDelete(statement, context, transaction);
      case "merge":
        return runMerge(statement, context, transaction);
    }
  });
  if (output) {
    batch.output.plan(output.plan);
    for (const { sources, computed } of output.rows) batch.output.row(sources, computed);
  }
  batch.done(COMMANDS[statement.kind], count);
}

/** The rows of INSERT … EXEC are gathered before the insert. */
async function executedRows(statement: StatementOf<"insert">, batch: Batch) {
  return statement.source.kind === "exec" ? captureRows(statement.source.statement, batch) : undefined;
}

async function textOf(expr: Expr, batch: Batch): Promise<Value> {
  return batch.evaluate((context) =>
    coerce(context.compile.expression(expr, new Scope(), context), nvarchar(MAX)).run(EMPTY_FRAME),
  );
}

async function nameOf(name: string | Expr, batch: Batch): Promise<string> {
  return typeof name === "string" ? name : as.text(await textOf(name, batch));
}

async function declare(
  { name, type: ref, value }: StatementOf<"declare">["variables"][number],
  batch: Batch,
): Promise<void> {
  const type = resolveType(ref);
  const { scalars } = batch.variables;
  const initial = value && (await assignedValue(value, type, batch));
  const known = scalars.get(name.toLowerCase());
  // A declaration in a loop runs again; with another type it is a second one.
  if (known && known.type.name !== type.name) throw sqlError(134, name);
  scalars.set(name.toLowerCase(), { type, value: initial ?? known?.value ?? null });
}

function assignedValue(expr: Expr, type: ReturnType<typeof resolveType>, batch: Batch): Promise<Value> {
  return batch.evaluate((context) => {
    const compiled = context.compile.expression(expr, new Scope(), context);
    const convert = assignable(compiled, type);
    const value = compiled.run(EMPTY_FRAME);
    return value === null ? null : convert(value);
  });
}

async function setVariable(statement: StatementOf<"set">, batch: Batch): Promise<void> {
  const variable = batch.variables.scalars.get(statement.variable.toLowerCase());
  if (!variable) throw sqlError(137, statement.variable);
  variable.value = await batch.evaluate((context) => {
    const given = context.compile.expression(statement.expr, new Scope(), context);
    const current = { type: variable.type, nullable: true, run: () => variable.value };
    const result = statement.operator === "=" ? given : binary(statement.operator.slice(0, 1) as "+", current, given);
    const convert = assignable(result, variable.type);
    const value = result.run(EMPTY_FRAME);
    return value === null ? null : convert(value);
  });
}

function loose(name: string, shape: Pick<StatementOf<"createTable">, "columns" | "constraints">, batch: Batch): Table {
  const { instance } = batch.session;
  const tempdb = instance.database("tempdb");
  const schema = tempdb?.schema("dbo");
  if (!tempdb || !schema) throw new Error("no tempdb");
  const table = new Table(tempdb.nextObjectId(), name, schema, tempdb, instance.now());
  shapeTable(table, shape, batch.context());
  return table;
}

function createTemporary(statement: StatementOf<"createTable">, batch: Batch): void {
  const name = statement.table.at(-1) ?? "";
  if (name.startsWith("##")) throw unsupported("global temporary tables");
  if (batch.session.temporary.has(name.toLowerCase())) throw sqlError(2714, name);
  batch.session.temporary.set(name.toLowerCase(), loose(name, statement, batch));
}

function dropTemporary(statement: StatementOf<"drop">, batch: Batch): void {
  for (const name of statement.names) {
    const found = batch.session.temporary.delete((name.at(-1) ?? "").toLowerCase());
    if (!found && !statement.ifExists) throw sqlError(3701, "table", name.at(-1) ?? "");
  }
}

async function waitFor(statement: StatementOf<"waitfor">, batch: Batch): Promise<void> {
  if (!statement.delay) throw unsupported("WAITFOR TIME");
  const ticks = await batch.evaluate((context) =>
    coerce(context.compile.expression(statement.time, new Scope(), context), { ...T.datetime2, name: "time" }).run(
      EMPTY_FRAME,
    ),
  );
  await batch.session.interruptible((done) => {
    const timer = setTimeout(done, as.number(ticks) / 10_000);
    return () => {
      clearTimeout(timer);
    };
  });
}
