import { unsupported } from "../errors";
import type { AlterAction, ColumnSpec, IndexSpec, TableConstraint } from "./ast-definitions";
import type { Body } from "./dml";
import { keyColumns, parseColumn, parseDefinition, parseElement, skipStorage } from "./table-definition";
import type { TokenStream } from "./token-stream";

/** CREATE … */
export function parseCreate(tokens: TokenStream) {
  tokens.expect("CREATE");
  if (tokens.accept("TABLE")) return parseCreateTable(tokens);
  if (tokens.accept("SCHEMA")) {
    const name = tokens.identifier();
    if (tokens.accept("AUTHORIZATION")) tokens.identifier();
    return { kind: "create" as const, what: "schema" as const, name };
  }
  if (tokens.accept("DATABASE")) return parseCreateDatabase(tokens);
  if (tokens.isOneOf("USER", "ROLE")) return parsePrincipal(tokens);
  const unique = tokens.accept("UNIQUE");
  const clustered = tokens.accept("CLUSTERED");
  if (!clustered) tokens.accept("NONCLUSTERED");
  if (tokens.accept("INDEX")) return { kind: "createIndex" as const, index: parseIndex(tokens, unique, clustered) };
  throw unsupported(`CREATE ${tokens.peek().upper}`);
}

function parseCreateTable(tokens: TokenStream): Body<"createTable"> {
  const table = tokens.name();
  if (tokens.is("AS")) throw unsupported(`CREATE TABLE AS ${tokens.peek(1).upper}`);
  const definition = parseDefinition(tokens);
  skipStorage(tokens);
  return { kind: "createTable", table, ...definition };
}

function parseCreateDatabase(tokens: TokenStream): Body<"create"> {
  const name = tokens.identifier();
  if (tokens.accept("COLLATE")) throw unsupported("CREATE DATABASE … COLLATE");
  if (tokens.isOneOf("ON", "WITH", "AS")) throw unsupported(`CREATE DATABASE … ${tokens.peek().upper}`);
  return { kind: "create", what: "database", name };
}

function parsePrincipal(tokens: TokenStream): Body<"create"> {
  const what = tokens.next().upper === "USER" ? "user" : "role";
  const name = tokens.identifier();
  if (tokens.accept("WITHOUT")) tokens.anyWord();
  else if (tokens.accept("FOR") || tokens.accept("FROM")) {
    tokens.anyWord();
    tokens.identifier();
  }
  return { kind: "create", what, name };
}

function parseIndex(tokens: TokenStream, unique: boolean, clustered: boolean): IndexSpec {
  const name = tokens.identifier();
  tokens.expect("ON");
  const table = tokens.name();
  const columns = keyColumns(tokens);
  const included = tokens.accept("INCLUDE") ? tokens.inParentheses(() => tokens.identifier()) : [];
  if (tokens.is("WHERE")) throw unsupported("filtered indexes");
  skipStorage(tokens);
  return { name, table, unique, clustered, columns, included };
}

/** DROP … */
export function parseDrop(tokens: TokenStream) {
  tokens.expect("DROP");
  if (tokens.accept("INDEX")) {
    const ifExists = tokens.accept("IF", "EXISTS");
    const indexes = tokens.list(() => {
      const name = tokens.name();
      // The old form names the table first: DROP INDEX t.ix.
      if (name.length > 1) return { name: name.at(-1) ?? "", table: name.slice(0, -1) };
      tokens.expect("ON");
      return { name: name[0] ?? "", table: tokens.name() };
    });
    return { kind: "dropIndex" as const, indexes, ifExists };
  }
  const kinds = { TABLE: "table", DATABASE: "database", SCHEMA: "schema", USER: "user", ROLE: "role" } as const;
  const what = kinds[tokens.peek().upper as keyof typeof kinds] as (typeof kinds)["TABLE"] | undefined;
  if (what === undefined) throw unsupported(`DROP ${tokens.peek().upper}`);
  tokens.next();
  const ifExists = tokens.accept("IF", "EXISTS");
  return { kind: "drop" as const, what, names: tokens.list(() => tokens.name()), ifExists };
}

/** ALTER … */
export function parseAlter(tokens: TokenStream) {
  tokens.expect("ALTER");
  if (tokens.accept("DATABASE")) return parseAlterDatabase(tokens);
  if (!tokens.accept("TABLE")) throw unsupported(`ALTER ${tokens.peek().upper}`);
  const table = tokens.name();
  return { kind: "alterTable" as const, table, action: parseAction(tokens) };
}

function parseAlterDatabase(tokens: TokenStream): Body<"alterDatabase"> {
  const name = tokens.accept("CURRENT") ? "" : tokens.identifier();
  tokens.expect("SET");
  const option = tokens.anyWord().toUpperCase();
  const value = tokens.peek().kind === "end" || tokens.isSymbol(";") ? "" : tokens.next().text.toUpperCase();
  if (tokens.accept("WITH")) {
    if (!tokens.accept("NO_WAIT")) {
      tokens.expect("ROLLBACK");
      if (!tokens.accept("IMMEDIATE")) throw unsupported("ROLLBACK AFTER");
    }
  }
  return { kind: "alterDatabase", name, option, value };
}

function parseAction(tokens: TokenStream): AlterAction {
  const withCheck = tokens.accept("WITH");
  if (withCheck && !tokens.accept("CHECK")) tokens.expect("NOCHECK");
  if (tokens.accept("ADD")) {
    const columns: ColumnSpec[] = [];
    const constraints: TableConstraint[] = [];
    tokens.list(() => {
      parseElement(tokens, columns, constraints);
    });
    return { kind: "add", columns, constraints };
  }
  if (tokens.accept("ALTER", "COLUMN")) {
    if (tokens.isOneOf("ADD", "DROP") || tokens.peek(1).upper === "ADD" || tokens.peek(1).upper === "DROP") {
      throw unsupported("ALTER COLUMN … ADD or DROP");
    }
    return { kind: "alterColumn", column: parseColumn(tokens) };
  }
  if (tokens.accept("DROP")) return parseDropAction(tokens);
  const enabled = tokens.accept("CHECK");
  if (!enabled && !tokens.accept("NOCHECK")) throw unsupported(`ALTER TABLE … ${tokens.peek().upper}`);
  tokens.expect("CONSTRAINT");
  const names = tokens.accept("ALL") ? [] : tokens.list(() => tokens.identifier());
  return { kind: "check", names, enabled };
}

function parseDropAction(tokens: TokenStream): AlterAction {
  const columns: string[] = [];
  const constraints: string[] = [];
  let into = constraints;
  let ifExists = false;
  tokens.list(() => {
    if (tokens.accept("COLUMN")) into = columns;
    else if (tokens.accept("CONSTRAINT")) into = constraints;
    ifExists = tokens.accept("IF", "EXISTS") || ifExists;
    into.push(tokens.identifier());
  });
  return { kind: "drop", columns, constraints, ifExists };
}
