import { unsupported } from "../errors";
import type {
  Assignment,
  CommonTable,
  Expr,
  InsertValue,
  MergeAction,
  MergeBranch,
  OutputClause,
  Statement,
  StatementOf,
} from "./ast";
import { parseFrom, parseHints, parseItem, parseQueryAfter } from "./query";
import type { TokenStream } from "./token-stream";

/** A statement without its line. */
export type Body<K extends Statement["kind"]> = Omit<StatementOf<K>, "line">;

/** INSERT, after its WITH. */
export function parseInsert(tokens: TokenStream, common: readonly CommonTable[]): Body<"insert"> {
  tokens.expect("INSERT");
  if (tokens.is("TOP")) throw unsupported("INSERT TOP");
  tokens.accept("INTO");
  const table = parseTarget(tokens);
  parseHints(tokens);
  const columns =
    tokens.isSymbol("(") && !["SELECT", "WITH", "VALUES"].includes(tokens.peek(1).upper)
      ? tokens.inParentheses(() => tokens.identifier())
      : [];
  const output = parseOutput(tokens);
  const source = parseSource(tokens);
  return { kind: "insert", with: common, table, columns, source, ...(output && { output }) };
}

function parseTarget(tokens: TokenStream): readonly string[] {
  return tokens.peek().kind === "variable" ? [tokens.next().text] : tokens.name();
}

function parseSource(tokens: TokenStream): StatementOf<"insert">["source"] {
  if (tokens.accept("DEFAULT", "VALUES")) return { kind: "default" };
  if (tokens.accept("VALUES")) {
    return { kind: "values", rows: tokens.list(() => tokens.inParentheses(() => parseValue(tokens))) };
  }
  if (tokens.isOneOf("EXEC", "EXECUTE")) return { kind: "exec", statement: tokens.grammar.statement(tokens) };
  return { kind: "query", query: tokens.query() };
}

function parseValue(tokens: TokenStream): InsertValue {
  return tokens.accept("DEFAULT") ? "default" : tokens.expression();
}

function parseOutput(tokens: TokenStream): OutputClause | undefined {
  if (!tokens.accept("OUTPUT")) return undefined;
  const items = tokens.list(() => parseItem(tokens));
  if (!tokens.accept("INTO")) return { items };
  const table = parseTarget(tokens);
  const columns = tokens.isSymbol("(") ? tokens.inParentheses(() => tokens.identifier()) : [];
  if (tokens.is("OUTPUT")) throw unsupported("two OUTPUT clauses");
  return { items, into: { table, columns } };
}

function parseTop(tokens: TokenStream): Expr | undefined {
  if (!tokens.accept("TOP")) return undefined;
  const [count] = tokens.inParentheses(() => tokens.expression());
  if (tokens.is("PERCENT")) throw unsupported("TOP … PERCENT here");
  return count;
}

/** UPDATE, after its WITH. */
export function parseUpdate(tokens: TokenStream, common: readonly CommonTable[]): Body<"update"> {
  tokens.expect("UPDATE");
  const top = parseTop(tokens);
  const target = parseTarget(tokens);
  const hints = parseHints(tokens);
  tokens.expect("SET");
  const set = tokens.list(() => parseAssignment(tokens));
  const output = parseOutput(tokens);
  const from = tokens.accept("FROM") ? parseFrom(tokens) : undefined;
  const where = parseWhere(tokens);
  return {
    kind: "update",
    with: common,
    target,
    hints,
    set,
    ...(top && { top }),
    ...(output && { output }),
    ...(from && { from }),
    ...(where && { where }),
  };
}

function parseWhere(tokens: TokenStream): Expr | undefined {
  const where = tokens.accept("WHERE") ? tokens.expression() : undefined;
  if (tokens.is("CURRENT")) throw unsupported("WHERE CURRENT OF");
  if (tokens.accept("OPTION")) {
    tokens.inParentheses(() => {
      while (!tokens.isSymbol(",") && !tokens.isSymbol(")")) tokens.next();
    });
  }
  return where;
}

function parseAssignment(tokens: TokenStream): Assignment {
  const variable = tokens.peek().kind === "variable" ? tokens.next().text : undefined;
  if (variable !== undefined) tokens.expectSymbol("=");
  const direct = variable !== undefined && !(tokens.isIdentifier() && isAssignmentSymbol(tokens, 1));
  const column = direct ? [] : tokens.name();
  const operator = direct ? "=" : tokens.next().text;
  if (!/^[-+*/%&|^]?=$/.test(operator)) {
    throw operator === "(" ? unsupported("the method .WRITE of a column") : tokens.unexpected();
  }
  const expr: Expr = tokens.accept("DEFAULT")
    ? { kind: "call", name: ["$default"], arguments: [], distinct: false, star: false }
    : tokens.expression();
  return { column, operator, expr, ...(variable !== undefined && { variable }) };
}

function isAssignmentSymbol(tokens: TokenStream, ahead: number): boolean {
  const token = tokens.peek(ahead);
  return token.kind === "symbol" && /^[-+*/%&|^]?=$/.test(token.text);
}

/** DELETE, after its WITH. */
export function parseDelete(tokens: TokenStream, common: readonly CommonTable[]): Body<"delete"> {
  tokens.expect("DELETE");
  const top = parseTop(tokens);
  tokens.accept("FROM");
  const target = parseTarget(tokens);
  parseHints(tokens);
  const output = parseOutput(tokens);
  const from = tokens.accept("FROM") ? parseFrom(tokens) : undefined;
  const where = parseWhere(tokens);
  return {
    kind: "delete",
    with: common,
    target,
    ...(top && { top }),
    ...(output && { output }),
    ...(from && { from }),
    ...(where && { where }),
  };
}

/** MERGE, after its WITH. */
export function parseMerge(tokens: TokenStream, common: readonly CommonTable[]): Body<"merge"> {
  tokens.expect("MERGE");
  if (tokens.is("TOP")) throw unsupported("MERGE TOP");
  tokens.accept("INTO");
  const target = parseTarget(tokens);
  parseHints(tokens);
  const alias = tokens.accept("AS") || (tokens.isIdentifier() && !tokens.is("USING")) ? tokens.identifier() : undefined;
  tokens.expect("USING");
  const source = parseFrom(tokens);
  tokens.expect("ON");
  const on = tokens.expression();
  const branches: MergeBranch[] = [];
  while (tokens.accept("WHEN")) branches.push(parseBranch(tokens));
  const output = parseOutput(tokens);
  return {
    kind: "merge",
    with: common,
    target,
    source,
    on,
    branches,
    ...(alias !== undefined && { alias }),
    ...(output && { output }),
  };
}

function parseBranch(tokens: TokenStream): MergeBranch {
  let when: MergeBranch["when"] = "matched";
  if (tokens.accept("NOT")) when = "notMatched";
  tokens.expect("MATCHED");
  if (when === "notMatched" && tokens.accept("BY")) {
    if (tokens.accept("SOURCE")) when = "notMatchedBySource";
    else tokens.expect("TARGET");
  }
  const condition = tokens.accept("AND") ? tokens.expression() : undefined;
  tokens.expect("THEN");
  const action = parseAction(tokens);
  return condition ? { when, action, condition } : { when, action };
}

function parseAction(tokens: TokenStream): MergeAction {
  if (tokens.accept("DELETE")) return { kind: "delete" };
  if (tokens.accept("UPDATE")) {
    tokens.expect("SET");
    return { kind: "update", set: tokens.list(() => parseAssignment(tokens)) };
  }
  tokens.expect("INSERT");
  const columns = tokens.isSymbol("(") ? tokens.inParentheses(() => tokens.identifier()) : [];
  if (tokens.accept("DEFAULT", "VALUES")) return { kind: "insert", columns: [], values: [] };
  tokens.expect("VALUES");
  return { kind: "insert", columns, values: tokens.inParentheses(() => parseValue(tokens)) };
}

/** What WITH can begin. */
export function parseAfterWith(tokens: TokenStream, common: readonly CommonTable[]) {
  if (tokens.is("INSERT")) return parseInsert(tokens, common);
  if (tokens.is("UPDATE")) return parseUpdate(tokens, common);
  if (tokens.is("DELETE")) return parseDelete(tokens, common);
  if (tokens.is("MERGE")) return parseMerge(tokens, common);
  return { kind: "query" as const, query: parseQueryAfter(tokens, common) };
}
