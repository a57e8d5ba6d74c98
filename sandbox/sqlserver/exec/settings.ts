import { sqlError, SqlError, unsupported } from "../errors";
import type { StatementOf } from "../parse/ast";
import type { Isolation } from "../storage/transaction";
import type { Batch } from "./batch";
import type { SqlSession } from "./session";

const ISOLATIONS = new Set(["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "SNAPSHOT"]);

/** Options whose other setting would change results in ways that aren't written here. */
const MUST_BE: Readonly<Record<string, string>> = {
  ANSI_NULLS: "ON",
  CONCAT_NULL_YIELDS_NULL: "ON",
  QUOTED_IDENTIFIER: "ON",
  IMPLICIT_TRANSACTIONS: "OFF",
  FMTONLY: "OFF",
  NOEXEC: "OFF",
  PARSEONLY: "OFF",
  SHOWPLAN_ALL: "OFF",
  SHOWPLAN_TEXT: "OFF",
  SHOWPLAN_XML: "OFF",
  ANSI_PADDING: "ON",
};

/** SET of an option. */
export async function setOption(statement: StatementOf<"setOption">, batch: Batch): Promise<void> {
  const { session } = batch;
  const { value } = statement;
  if (typeof value !== "string") {
    setNumber(session, statement.names[0] ?? "", Number(await batch.value(value)));
    return;
  }
  for (const name of statement.names) setWord(session, name, value, statement, batch);
}

function setNumber(session: SqlSession, name: string, value: number): void {
  if (name === "LOCK_TIMEOUT") session.options.lockTimeoutMs = value;
  else if (name === "ROWCOUNT") session.options.rowLimit = value;
  else if (name === "DATEFIRST") session.options.dateFirst = value;
  else if (name === "TEXTSIZE") session.options.textSize = value < 0 ? 2_147_483_647 : value;
  else if (name !== "DEADLOCK_PRIORITY" && name !== "QUERY_GOVERNOR_COST_LIMIT") throw unsupported(`SET ${name}`);
}

function setWord(
  session: SqlSession,
  name: string,
  value: string,
  statement: StatementOf<"setOption">,
  batch: Batch,
): void {
  const on = value === "ON";
  switch (name) {
    case "ISOLATION":
      if (!ISOLATIONS.has(value)) throw sqlError(102, value);
      session.isolation = value as Isolation;
      break;
    case "NOCOUNT":
      session.options.noCount = on;
      break;
    case "XACT_ABORT":
      session.options.xactAbort = on;
      break;
    case "IDENTITY_INSERT":
      setIdentityInsert(session, on, statement, batch);
      break;
    case "LANGUAGE":
      if (!/^(us_)?english$/i.test(value)) throw unsupported(`SET LANGUAGE ${value}`);
      break;
    case "DATEFORMAT":
      if (value.toLowerCase() !== "mdy") throw unsupported(`SET DATEFORMAT ${value}`);
      break;
    default:
      if (MUST_BE[name] !== undefined && MUST_BE[name] !== value) throw unsupported(`SET ${name} ${value}`);
  }
}

function setIdentityInsert(session: SqlSession, on: boolean, statement: StatementOf<"setOption">, batch: Batch): void {
  const name = statement.table ?? [];
  const table = batch.context().findTable(name);
  if (!table) throw sqlError(1088, name.join("."));
  if (!table.identity) throw sqlError(8106, name.join("."));
  const { identityInsert: other } = session;
  if (on && other && other !== table) throw sqlError(8107, other.fullName, name.join("."));
  if (on) session.identityInsert = table;
  else if (other === table) session.identityInsert = undefined;
}

/** CREATE DATABASE, SCHEMA, USER, ROLE. */
export function createNamed(statement: StatementOf<"create">, session: SqlSession): void {
  const { name, what } = statement;
  const database = session.currentDatabase;
  switch (what) {
    case "database":
      if (session.current)
        throw new SqlError(226, 16, 6, "CREATE DATABASE statement not allowed within multi-statement transaction.");
      session.instance.addDatabase(name);
      break;
    case "schema":
      if (database.schema(name)) throw sqlError(2714, name);
      database.addSchema(name);
      break;
    default:
      if (database.users.has(name.toLowerCase()))
        throw new SqlError(15_023, 16, 1, `User, group, or role '${name}' already exists in the current database.`);
      database.users.set(name.toLowerCase(), { id: 5 + database.users.size, name, role: what === "role" });
  }
}

/** DROP DATABASE. */
export function dropDatabases(statement: StatementOf<"drop">, session: SqlSession): void {
  for (const name of statement.names) {
    const found = session.instance.database(name.at(-1) ?? "");
    if (!found && statement.ifExists) continue;
    if (!found || found.isSystem) throw sqlError(3701, "database", name.at(-1) ?? "");
    if (found === session.currentDatabase) throw sqlError(3702, found.name);
    session.instance.removeDatabase(found);
  }
}

/** ALTER DATABASE … SET. */
export function alterDatabase(statement: StatementOf<"alterDatabase">, session: SqlSession): void {
  const database = statement.name === "" ? session.currentDatabase : session.instance.database(statement.name);
  if (!database)
    throw new SqlError(
      5011,
      14,
      5,
      `User does not have permission to alter database '${statement.name}', the database does not exist, or the database is not in a state that allows access checks.`,
    );
  switch (statement.option) {
    case "ALLOW_SNAPSHOT_ISOLATION":
      database.allowsSnapshot = statement.value === "ON";
      break;
    case "READ_COMMITTED_SNAPSHOT":
      // Readers never wait for writers here: it is always on.
      if (statement.value !== "ON") throw unsupported("READ_COMMITTED_SNAPSHOT OFF");
      break;
    case "ONLINE":
    case "OFFLINE":
      database.online = statement.option === "ONLINE";
      break;
    case "RECOVERY":
    case "SINGLE_USER":
    case "MULTI_USER":
    case "COMPATIBILITY_LEVEL":
      break;
    default:
      throw unsupported(`ALTER DATABASE … SET ${statement.option}`);
  }
}
