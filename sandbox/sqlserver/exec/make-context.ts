import { sqlError } from "../errors";
import { findView } from "../catalog";
import { findTableFunction } from "../catalog/table-functions";
import { compileCondition } from "../compile/condition";
import type { Context, Variable } from "../compile/context";
import { compileExpression } from "../compile/expression";
import { compileQuery } from "../compile/query";
import { resolveType } from "../compile/types";
import type { Database } from "../storage/database";
import type { ReadView } from "../storage/row";
import type { Table } from "../storage/table";
import { LockWait } from "../storage/transaction";
import type { SqlSession } from "./session";

const RULES = { expression: compileExpression, condition: compileCondition, query: compileQuery, type: resolveType };

/** What a batch's statements share. */
export interface Variables {
  readonly scalars: Map<string, Variable>;
  readonly tables: Map<string, Table>;
}

/** The surroundings of one statement. */
export function makeContext(session: SqlSession, variables: Variables): Context {
  const context: Context = {
    instance: session.instance,
    session,
    database: session.currentDatabase,
    variables: variables.scalars,
    tableVariables: variables.tables,
    common: [],
    now: session.instance.now(),
    compile: RULES,
    view: (hints, table) => viewOf(session, hints, table),
    findTable: (name) => findTable(name, session, variables),
    findView: (name) => findView(name, session.currentDatabase, context),
    findTableFunction: (name) => findTableFunction(name, session.currentDatabase, context),
  };
  return context;
}

/** The database that a name of three parts is in. Throws 911. */
export function databaseOf(name: readonly string[], session: SqlSession): Database {
  const part = name.length > 2 ? name[name.length - 3] : undefined;
  if (part === undefined || part === "") return session.currentDatabase;
  const database = session.instance.database(part);
  if (!database) throw sqlError(911, part);
  return database;
}

function findTable(name: readonly string[], session: SqlSession, variables: Variables): Table | undefined {
  const last = name.at(-1) ?? "";
  if (last.startsWith("@")) return variables.tables.get(last.toLowerCase());
  if (last.startsWith("#")) return session.temporary.get(last.toLowerCase());
  if (name.length > 3) return undefined;
  const database =
    name.length > 2 ? (session.instance.database(name[name.length - 3] ?? "") ?? undefined) : session.currentDatabase;
  const schema = (name.length > 1 && name[name.length - 2]) || "dbo";
  return (name.length > 2 && name[0] === "" ? session.currentDatabase : database)?.table(schema, last);
}

/** Whose rows a statement sees. REPEATABLE READ and SERIALIZABLE hold the table against writers. */
function viewOf(session: SqlSession, hints: readonly string[], table: Table): ReadView {
  const { current: transaction } = session;
  const isolation = transaction?.isolation ?? session.isolation;
  const dirty = hints.includes("NOLOCK") || hints.includes("READUNCOMMITTED");
  if (table.exclusiveBy && table.exclusiveBy !== transaction) throw new LockWait(table.exclusiveBy);
  requireRight(table);
  if (dirty || session.isolation === "READ UNCOMMITTED") return { transaction, asOf: Infinity, dirty: true };
  const holds = ["HOLDLOCK", "SERIALIZABLE", "REPEATABLEREAD", "TABLOCK", "UPDLOCK", "XLOCK", "TABLOCKX"].some((hint) =>
    hints.includes(hint),
  );
  if (transaction && (holds || session.isolation === "REPEATABLE READ" || session.isolation === "SERIALIZABLE")) {
    holdTable(session, table, hints);
  } else if (transaction && isolation === "SNAPSHOT") {
    return { transaction, asOf: snapshotOf(session, table), dirty: false };
  }
  return { transaction, asOf: Infinity, dirty: false };
}

function snapshotOf(session: SqlSession, table: Table): number {
  const { current } = session;
  if (!table.database.allowsSnapshot && !table.database.isSystem) {
    if (current) current.doomed = true;
    throw sqlError(3952, table.database.name);
  }
  if (!current) return Infinity;
  current.snapshot ??= session.instance.commitNumber;
  return current.snapshot;
}

function holdTable(session: SqlSession, table: Table, hints: readonly string[]): void {
  const { current } = session;
  if (!current) return;
  for (const writer of table.writers) if (writer !== current) throw new LockWait(writer);
  if (hints.includes("TABLOCKX") || hints.includes("XLOCK") || hints.includes("UPDLOCK")) {
    for (const reader of table.sharedBy) if (reader !== current) throw new LockWait(reader);
    table.exclusiveBy = current;
    current.onEnd(() => (table.exclusiveBy = undefined));
    return;
  }
  table.sharedBy.add(current);
  current.sharedTables.add(table);
}

/** A fault may have taken the right to read. */
function requireRight(table: Table): void {
  if (!table.denied) return;
  throw sqlError(229, "SELECT", table.name, table.database.name, table.schema.name);
}
