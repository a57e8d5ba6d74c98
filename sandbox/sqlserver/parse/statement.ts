import { unsupported } from "../errors";
import { varchar } from "../values/sql-type";
import type { ExecArgument, Expr, Statement } from "./ast";
import { parseAlter, parseCreate, parseDrop } from "./ddl";
import { parseAfterWith, type Body } from "./dml";
import { parseWith } from "./query";
import { parseSet } from "./set";
import { parseDefinition } from "./table-definition";
import type { TokenStream } from "./token-stream";

type AnyBody = { [K in Statement["kind"]]: Body<K> }[Statement["kind"]];

/** One statement with the line that it begins at. Throws 102, 156 or "unsupported". */
export function parseStatement(tokens: TokenStream): Statement {
  const { line } = tokens.peek();
  const body = parseBody(tokens);
  while (tokens.acceptSymbol(";"));
  return { ...body, line };
}

function parseBody(tokens: TokenStream): AnyBody {
  const token = tokens.peek();
  if (tokens.acceptSymbol(";")) return { kind: "nothing" };
  switch (token.upper) {
    case "WITH":
    case "SELECT":
    case "INSERT":
    case "UPDATE":
    case "DELETE":
    case "MERGE":
      return tokens.is("INSERT", "BULK") ? parseBulk(tokens) : parseAfterWith(tokens, parseWith(tokens));
    case "CREATE":
      return parseCreate(tokens);
    case "ALTER":
      return parseAlter(tokens);
    case "DROP":
      return parseDrop(tokens);
    case "TRUNCATE":
      tokens.expect("TRUNCATE", "TABLE");
      return { kind: "truncate", table: tokens.name() };
    case "SET":
      return parseSet(tokens);
    default:
      return parseProcedural(tokens);
  }
}

function parseProcedural(tokens: TokenStream): AnyBody {
  const token = tokens.peek();
  switch (token.upper) {
    case "DECLARE":
      return parseDeclare(tokens);
    case "IF":
    case "WHILE":
      return parseConditional(tokens);
    case "BEGIN":
      return parseBegin(tokens);
    case "COMMIT":
    case "ROLLBACK":
    case "SAVE":
      return parseTransactionEnd(tokens);
    case "EXEC":
    case "EXECUTE":
      tokens.next();
      return parseExec(tokens);
    case "BREAK":
    case "CONTINUE":
      tokens.next();
      return token.upper === "BREAK" ? { kind: "break" } : { kind: "continue" };
    default:
      return parseSmall(tokens);
  }
}

function parseSmall(tokens: TokenStream): AnyBody {
  const token = tokens.next();
  switch (token.upper) {
    case "RETURN": {
      const ends = tokens.peek().kind === "end" || tokens.isSymbol(";") || tokens.isOneOf("END", "ELSE");
      return ends || startsStatement(tokens) ? { kind: "return" } : { kind: "return", value: tokens.expression() };
    }
    case "PRINT":
      return { kind: "print", expr: tokens.expression() };
    case "THROW":
      return { kind: "throw", arguments: isValue(tokens) ? tokens.list(() => tokens.expression()) : [] };
    case "RAISERROR":
      return parseRaiserror(tokens);
    case "USE":
      return { kind: "use", database: tokens.identifier() };
    case "WAITFOR": {
      const delay = tokens.accept("DELAY");
      if (!delay && !tokens.accept("TIME")) throw unsupported("WAITFOR of a statement");
      return { kind: "waitfor", delay, time: tokens.expression() };
    }
    case "CHECKPOINT":
      return { kind: "nothing" };
    case "GRANT":
    case "DENY":
    case "REVOKE":
    case "KILL":
    case "DBCC":
    case "BACKUP":
    case "RESTORE":
    case "GOTO":
    case "OPEN":
    case "FETCH":
    case "CLOSE":
    case "DEALLOCATE":
      throw withLine(unsupported(`the statement ${token.upper}`), token.line);
    default:
      // The first statement of a batch may be a bare procedure call.
      if ((token.kind === "word" || token.kind === "quoted") && tokens.position === 1) {
        tokens.back(0);
        return parseExec(tokens);
      }
      throw tokens.unexpected(token);
  }
}

function withLine<T extends { line: number }>(error: T, line: number): T {
  error.line = line;
  return error;
}

function startsStatement(tokens: TokenStream): boolean {
  return tokens.isOneOf("SELECT", "INSERT", "UPDATE", "DELETE", "SET", "IF", "BEGIN", "EXEC", "DECLARE", "PRINT");
}

function isValue(tokens: TokenStream): boolean {
  return ["number", "variable", "string", "nstring"].includes(tokens.peek().kind);
}

function parseRaiserror(tokens: TokenStream): AnyBody {
  const args = tokens.inParentheses(() => tokens.expression());
  const options = tokens.accept("WITH") ? tokens.list(() => tokens.anyWord().toUpperCase()) : [];
  return { kind: "raiserror", arguments: args, options };
}

function parseDeclare(tokens: TokenStream): AnyBody {
  tokens.expect("DECLARE");
  const isTable =
    tokens.peek(1).upper === "TABLE" || (tokens.peek(1).upper === "AS" && tokens.peek(2).upper === "TABLE");
  if (isTable) {
    const name = tokens.next().text;
    tokens.accept("AS");
    tokens.expect("TABLE");
    return { kind: "declareTable", name, ...parseDefinition(tokens) };
  }
  if (tokens.peek().kind !== "variable") throw unsupported("cursors");
  const variables = tokens.list(() => {
    const token = tokens.next();
    if (token.kind !== "variable") throw tokens.unexpected(token);
    tokens.accept("AS");
    const type = tokens.type();
    const value = tokens.acceptSymbol("=") ? tokens.expression() : undefined;
    return { name: token.text, type, ...(value && { value }) };
  });
  return { kind: "declare", variables };
}

function parseConditional(tokens: TokenStream): AnyBody {
  const isIf = tokens.next().upper === "IF";
  const condition = tokens.expression();
  const then = parseStatement(tokens);
  if (!isIf) return { kind: "while", condition, body: then };
  return tokens.accept("ELSE")
    ? { kind: "if", condition, then, otherwise: parseStatement(tokens) }
    : { kind: "if", condition, then };
}

function parseBegin(tokens: TokenStream): AnyBody {
  tokens.expect("BEGIN");
  if (tokens.accept("TRY")) return parseTry(tokens);
  if (tokens.is("DISTRIBUTED")) throw unsupported("distributed transactions");
  if (tokens.accept("TRAN") || tokens.accept("TRANSACTION")) {
    const name = tokens.isIdentifier()
      ? tokens.identifier()
      : tokens.peek().kind === "variable"
        ? tokens.next().text
        : "";
    if (tokens.is("WITH", "MARK")) throw unsupported("WITH MARK");
    return { kind: "begin", name };
  }
  const statements = untilEnd(tokens);
  tokens.expect("END");
  return { kind: "block", statements };
}

function untilEnd(tokens: TokenStream): Statement[] {
  const statements: Statement[] = [];
  while (!tokens.is("END")) {
    if (tokens.peek().kind === "end") throw tokens.unexpected();
    statements.push(parseStatement(tokens));
  }
  return statements;
}

function parseTry(tokens: TokenStream): AnyBody {
  const body = untilEnd(tokens);
  tokens.expect("END", "TRY");
  while (tokens.acceptSymbol(";"));
  tokens.expect("BEGIN", "CATCH");
  const handler = untilEnd(tokens);
  tokens.expect("END", "CATCH");
  return { kind: "try", body, handler };
}

function parseTransactionEnd(tokens: TokenStream): AnyBody {
  const kind = ({ COMMIT: "commit", ROLLBACK: "rollback", SAVE: "save" } as const)[tokens.next().upper as "SAVE"];
  if (
    !tokens.accept("TRAN") &&
    !tokens.accept("TRANSACTION") &&
    !tokens.accept("WORK") &&
    kind === ("save" as string)
  ) {
    throw tokens.unexpected();
  }
  const token = tokens.peek();
  const name =
    token.kind === "variable"
      ? ({ kind: "variable", name: tokens.next().text } as const)
      : tokens.isIdentifier()
        ? tokens.identifier()
        : "";
  if (tokens.accept("WITH")) {
    tokens.inParentheses(() => {
      while (!tokens.isSymbol(")")) tokens.next();
    });
  }
  return { kind, name };
}

function parseExec(tokens: TokenStream): AnyBody {
  if (tokens.isSymbol("(")) {
    const [text] = tokens.inParentheses(() => tokens.expression());
    if (!text) throw tokens.unexpected();
    if (tokens.isOneOf("AT")) throw unsupported("EXECUTE … AT");
    return { kind: "execText", text };
  }
  if (tokens.is("AS")) throw unsupported("EXECUTE AS");
  const into = tokens.peek().kind === "variable" && tokens.isSymbol("=", 1) ? tokens.next().text : undefined;
  if (into !== undefined) tokens.expectSymbol("=");
  if (tokens.peek().kind === "variable") throw unsupported("EXECUTE of a procedure whose name is in a variable");
  const procedure = tokens.name();
  const hasArguments =
    isValue(tokens) ||
    tokens.isOneOf("NULL", "DEFAULT") ||
    tokens.peek().kind === "binary" ||
    tokens.isSymbol("-") ||
    (tokens.isIdentifier() && !tokens.isOneOf("THROW", "GO"));
  const args = hasArguments ? tokens.list(() => parseArgument(tokens)) : [];
  return { kind: "exec", procedure, arguments: args, ...(into !== undefined && { into }) };
}

function parseArgument(tokens: TokenStream): ExecArgument {
  const named = tokens.peek().kind === "variable" && tokens.isSymbol("=", 1);
  const name = named ? { name: tokens.next().text } : {};
  if (named) tokens.expectSymbol("=");
  if (tokens.accept("DEFAULT")) return { ...name, value: "default", output: false };
  const value = argumentValue(tokens);
  const output = tokens.accept("OUTPUT") || tokens.accept("OUT");
  return { ...name, value, output };
}

/** Arguments are constants and variables; a bare word is a text. */
function argumentValue(tokens: TokenStream): Expr {
  if (!tokens.isIdentifier()) return tokens.expression();
  const text = tokens.identifier();
  return { kind: "literal", type: varchar(Math.max(1, text.length)), value: text };
}

function parseBulk(tokens: TokenStream): AnyBody {
  tokens.expect("INSERT", "BULK");
  const table = tokens.name();
  const columns = tokens.inParentheses(() => {
    const name = tokens.identifier();
    tokens.type();
    if (tokens.accept("COLLATE")) tokens.anyWord();
    return { name };
  });
  const options = tokens.accept("WITH") ? tokens.inParentheses(() => bulkOption(tokens)) : [];
  return { kind: "bulkInsert", table, columns, options };
}

function bulkOption(tokens: TokenStream): string {
  const words: string[] = [];
  while (!tokens.isSymbol(",") && !tokens.isSymbol(")")) words.push(tokens.next().text.toUpperCase());
  return words.join(" ");
}
