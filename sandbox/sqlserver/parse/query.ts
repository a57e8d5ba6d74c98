import { unsupported } from "../errors";
import type { CommonTable, Expr, JoinType, Query, QueryBody, Select, SelectItem, TableRef } from "./ast";
import { parseOrder } from "./expression";
import type { TokenStream } from "./token-stream";

/** A query with its common tables, order and paging. */
export function parseQuery(tokens: TokenStream): Query {
  const common = parseWith(tokens);
  return parseQueryAfter(tokens, common);
}

/** The query after WITH was read. */
export function parseQueryAfter(tokens: TokenStream, common: readonly CommonTable[]): Query {
  const body = parseBody(tokens);
  const orderBy = tokens.accept("ORDER", "BY") ? parseOrder(tokens) : [];
  const paging = orderBy.length > 0 && tokens.accept("OFFSET") ? parsePaging(tokens) : {};
  if (tokens.is("FOR")) throw unsupported(`FOR ${tokens.peek(1).upper} after a query`);
  if (tokens.accept("OPTION")) skipParentheses(tokens);
  return { with: common, body, orderBy, ...paging };
}

/** WITH and its common tables. */
export function parseWith(tokens: TokenStream): CommonTable[] {
  if (!tokens.accept("WITH")) return [];
  return tokens.list(() => {
    const name = tokens.identifier();
    const columns = tokens.isSymbol("(") ? tokens.inParentheses(() => tokens.identifier()) : undefined;
    tokens.expect("AS");
    tokens.expectSymbol("(");
    const query = tokens.query();
    tokens.expectSymbol(")");
    return { name, query, ...(columns && { columns }) };
  });
}

function parsePaging(tokens: TokenStream): { offset: Expr; fetch?: Expr } {
  const offset = tokens.expression();
  if (!tokens.accept("ROWS")) tokens.expect("ROW");
  if (!tokens.accept("FETCH")) return { offset };
  if (!tokens.accept("NEXT")) tokens.expect("FIRST");
  const fetch = tokens.expression();
  if (!tokens.accept("ROWS")) tokens.expect("ROW");
  tokens.expect("ONLY");
  return { offset, fetch };
}

/** INTERSECT binds stronger than UNION and EXCEPT. */
function parseBody(tokens: TokenStream): QueryBody {
  let left = parseIntersection(tokens);
  while (tokens.isOneOf("UNION", "EXCEPT")) {
    const operator = tokens.next().upper === "UNION" ? "union" : "except";
    const all = tokens.accept("ALL");
    left = { kind: "set", operator, all, left, right: parseIntersection(tokens) };
  }
  return left;
}

function parseIntersection(tokens: TokenStream): QueryBody {
  let left = parseTerm(tokens);
  while (tokens.accept("INTERSECT"))
    left = { kind: "set", operator: "intersect", all: false, left, right: parseTerm(tokens) };
  return left;
}

function parseTerm(tokens: TokenStream): QueryBody {
  if (tokens.acceptSymbol("(")) {
    const body = parseBody(tokens);
    tokens.expectSymbol(")");
    return body;
  }
  if (tokens.accept("VALUES")) {
    return { kind: "values", rows: tokens.list(() => tokens.inParentheses(() => tokens.expression())) };
  }
  return parseSelect(tokens);
}

function parseSelect(tokens: TokenStream): Select {
  tokens.expect("SELECT");
  const distinct = tokens.accept("DISTINCT");
  if (!distinct) tokens.accept("ALL");
  const top = tokens.accept("TOP") ? parseTop(tokens) : undefined;
  const items = tokens.list(() => parseItem(tokens));
  const into = tokens.accept("INTO") ? tokens.name() : undefined;
  const from = tokens.accept("FROM") ? parseFrom(tokens) : undefined;
  const where = tokens.accept("WHERE") ? tokens.expression() : undefined;
  const groupBy = tokens.accept("GROUP", "BY") ? parseGroupBy(tokens) : [];
  const having = tokens.accept("HAVING") ? tokens.expression() : undefined;
  return {
    kind: "select",
    distinct,
    items,
    groupBy,
    ...(top && { top }),
    ...(into && { into }),
    ...(from && { from }),
    ...(where && { where }),
    ...(having && { having }),
  };
}

function parseGroupBy(tokens: TokenStream): Expr[] {
  const items = tokens.list(() => tokens.expression());
  for (const item of items) {
    if (item.kind === "call" && ["ROLLUP", "CUBE", "GROUPING"].includes(item.name[0]?.toUpperCase() ?? "")) {
      throw unsupported(`GROUP BY ${item.name[0] ?? ""}`);
    }
  }
  return items;
}

function parseTop(tokens: TokenStream): NonNullable<Select["top"]> {
  const inParentheses = tokens.isSymbol("(");
  const count = inParentheses ? tokens.inParentheses(() => tokens.expression())[0] : numberOrVariable(tokens);
  if (!count) throw tokens.unexpected();
  const percent = tokens.accept("PERCENT");
  return { count, percent, ties: tokens.accept("WITH", "TIES") };
}

function numberOrVariable(tokens: TokenStream): Expr {
  const token = tokens.peek();
  if (token.kind !== "number") throw tokens.unexpected();
  tokens.next();
  return { kind: "literal", type: { name: "bigint", length: 0, precision: 0, scale: 0 }, value: BigInt(token.text) };
}

/** An item of a select list, also of OUTPUT. */
export function parseItem(tokens: TokenStream): SelectItem {
  if (tokens.acceptSymbol("*")) return { kind: "star", qualifier: [] };
  const star = parseQualifiedStar(tokens);
  if (star) return star;
  const token = tokens.peek();
  if (token.kind === "variable" && !token.text.startsWith("@@")) {
    const operator = tokens.peek(1);
    if (operator.kind === "symbol" && /^[-+*/%&|^]?=$/.test(operator.text)) {
      tokens.next();
      tokens.next();
      return { kind: "assign", variable: token.text, operator: operator.text, expr: tokens.expression() };
    }
  }
  if (tokens.isIdentifier() && tokens.isSymbol("=", 1)) {
    const alias = tokens.identifier();
    tokens.next();
    return { kind: "expr", expr: tokens.expression(), alias };
  }
  const expr = tokens.expression();
  const alias = parseAlias(tokens);
  return alias === undefined ? { kind: "expr", expr } : { kind: "expr", expr, alias };
}

function parseQualifiedStar(tokens: TokenStream): SelectItem | undefined {
  let ahead = 0;
  while (
    (tokens.peek(ahead).kind === "word" || tokens.peek(ahead).kind === "quoted") &&
    tokens.isSymbol(".", ahead + 1)
  ) {
    ahead += 2;
  }
  if (ahead === 0 || !tokens.isSymbol("*", ahead)) return undefined;
  const qualifier: string[] = [];
  for (let i = 0; i < ahead; i += 2) {
    qualifier.push(tokens.anyWord());
    tokens.next();
  }
  tokens.next();
  return { kind: "star", qualifier };
}

function parseAlias(tokens: TokenStream): string | undefined {
  if (tokens.accept("AS")) {
    const token = tokens.peek();
    if (token.kind === "string") return tokens.next().text;
    return tokens.identifier();
  }
  if (tokens.peek().kind === "string") return tokens.next().text;
  return tokens.isIdentifier() && !isClauseStart(tokens) ? tokens.identifier() : undefined;
}

/** Words that aren't reserved and yet go on with the statement. */
function isClauseStart(tokens: TokenStream): boolean {
  return tokens.isOneOf("OFFSET", "OUTPUT", "USING", "THROW", "GO") && !tokens.isSymbol(",", 1);
}

/** The tables of FROM, joined. */
export function parseFrom(tokens: TokenStream): TableRef {
  let left = parseJoined(tokens);
  while (tokens.acceptSymbol(",")) left = { kind: "join", type: "cross", left, right: parseJoined(tokens) };
  return left;
}

function parseJoined(tokens: TokenStream): TableRef {
  let left = parseTable(tokens);
  for (;;) {
    if (tokens.accept("CROSS", "APPLY")) left = { kind: "apply", outer: false, left, right: parseTable(tokens) };
    else if (tokens.accept("OUTER", "APPLY")) left = { kind: "apply", outer: true, left, right: parseTable(tokens) };
    else if (tokens.accept("CROSS", "JOIN")) left = { kind: "join", type: "cross", left, right: parseTable(tokens) };
    else {
      const type = parseJoinType(tokens);
      if (!type) return left;
      const right = parseJoined(tokens);
      tokens.expect("ON");
      left = { kind: "join", type, left, right, on: tokens.expression() };
    }
  }
}

function parseJoinType(tokens: TokenStream): JoinType | undefined {
  const position = tokens.position;
  const word = tokens.peek().upper;
  const type = ({ LEFT: "left", RIGHT: "right", FULL: "full", INNER: "inner", JOIN: "inner" } as const)[word as "JOIN"];
  if ((type as JoinType | undefined) === undefined) return undefined;
  if (word !== "JOIN") {
    tokens.next();
    tokens.accept("OUTER");
    if (tokens.isOneOf("LOOP", "HASH", "MERGE")) tokens.next();
  }
  if (tokens.accept("JOIN")) return type;
  tokens.back(position);
  return undefined;
}

function parseTable(tokens: TokenStream): TableRef {
  if (tokens.isSymbol("(")) return parseParenthesised(tokens);
  const token = tokens.peek();
  const name = token.kind === "variable" ? [tokens.next().text] : tokens.name();
  if (tokens.isSymbol("(") && !isOldHint(tokens)) {
    const args = tokens.inParentheses(() => tokens.expression());
    return { kind: "function", name, arguments: args, ...aliased(tokens) };
  }
  const early = parseHints(tokens);
  const alias = aliased(tokens);
  const hints = [...early, ...parseHints(tokens)];
  if (tokens.isOneOf("PIVOT", "UNPIVOT", "TABLESAMPLE")) throw unsupported(tokens.peek().upper);
  if (tokens.is("FOR") && tokens.peek(1).upper === "SYSTEM_TIME") throw unsupported("FOR SYSTEM_TIME");
  return { kind: "table", name, hints, ...alias };
}

/** `FROM t (NOLOCK)`, without WITH. */
function isOldHint(tokens: TokenStream): boolean {
  return HINTS.has(tokens.peek(1).upper) && tokens.isSymbol(")", 2);
}

function parseParenthesised(tokens: TokenStream): TableRef {
  const position = tokens.position;
  tokens.expectSymbol("(");
  if (tokens.isOneOf("SELECT", "WITH", "VALUES") || tokens.isSymbol("(")) {
    const query = tokens.query();
    if (tokens.acceptSymbol(")")) return { kind: "derived", query, ...aliased(tokens) };
  }
  tokens.back(position);
  tokens.expectSymbol("(");
  const inner = parseFrom(tokens);
  tokens.expectSymbol(")");
  return inner;
}

function aliased(tokens: TokenStream): { alias?: string; columns?: string[] } {
  const explicit = tokens.accept("AS");
  if (!explicit && (!tokens.isIdentifier() || isClauseStart(tokens))) return {};
  const alias = tokens.identifier();
  if (!tokens.isSymbol("(") || isOldHint(tokens)) return { alias };
  return { alias, columns: tokens.inParentheses(() => tokens.identifier()) };
}

const HINTS = new Set(
  "NOLOCK READUNCOMMITTED READCOMMITTED READCOMMITTEDLOCK REPEATABLEREAD SERIALIZABLE HOLDLOCK UPDLOCK XLOCK TABLOCK TABLOCKX PAGLOCK ROWLOCK READPAST NOWAIT SNAPSHOT NOEXPAND FORCESEEK FORCESCAN INDEX".split(
    " ",
  ),
);

/** Table hints. Throws for words that are none. */
export function parseHints(tokens: TokenStream): string[] {
  const withWord = tokens.is("WITH") && tokens.isSymbol("(", 1);
  if (!withWord && !(tokens.isSymbol("(") && isOldHint(tokens))) return [];
  tokens.accept("WITH");
  return tokens.inParentheses(() => {
    const hint = tokens.next().upper;
    if (!HINTS.has(hint)) throw unsupported(`the table hint ${hint}`);
    if (hint === "READPAST") throw unsupported("the table hint READPAST");
    if (tokens.isSymbol("(")) skipParentheses(tokens);
    else if (tokens.acceptSymbol("=")) tokens.next();
    return hint;
  });
}

/** Skips what changes the plan but not the result. */
export function skipParentheses(tokens: TokenStream): void {
  tokens.expectSymbol("(");
  for (let depth = 1; depth > 0;) {
    const token = tokens.next();
    if (token.kind === "end") throw tokens.unexpected(token);
    if (token.kind === "symbol" && token.text === "(") depth++;
    if (token.kind === "symbol" && token.text === ")") depth--;
  }
}
