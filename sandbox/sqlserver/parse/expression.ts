import { unsupported } from "../errors";
import { parseDecimal, digitCount } from "../values/decimal-text";
import { decimal, MAX, nvarchar, T, varbinary, varchar } from "../values/sql-type";
import type { BinaryOperator, Comparison, Expr, OrderItem, Window } from "./ast";
import type { Token } from "./lexer";
import type { TokenStream } from "./token-stream";
import { parseCall } from "./call";

/** OR binds weakest, then AND, NOT, predicates, additive, multiplicative, unary. */
export function parseExpression(tokens: TokenStream): Expr {
  let left = parseAnd(tokens);
  while (tokens.accept("OR")) left = { kind: "or", left, right: parseAnd(tokens) };
  return left;
}

function parseAnd(tokens: TokenStream): Expr {
  let left = parseNot(tokens);
  while (tokens.accept("AND")) left = { kind: "and", left, right: parseNot(tokens) };
  return left;
}

function parseNot(tokens: TokenStream): Expr {
  return tokens.accept("NOT") ? { kind: "not", operand: parseNot(tokens) } : parsePredicate(tokens);
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "!<": ">=",
  "!>": "<=",
};

function parsePredicate(tokens: TokenStream): Expr {
  if (tokens.is("EXISTS")) {
    tokens.next();
    tokens.expectSymbol("(");
    const query = tokens.query();
    tokens.expectSymbol(")");
    return { kind: "exists", query };
  }
  const left = parseAdditive(tokens);
  const token = tokens.peek();
  const operator = token.kind === "symbol" ? COMPARISONS[token.text] : undefined;
  if (operator) {
    tokens.next();
    if (tokens.isOneOf("ALL", "ANY", "SOME")) throw unsupported(`${operator} ${tokens.peek().upper} (subquery)`);
    return { kind: "compare", operator, left, right: parseAdditive(tokens) };
  }
  if (tokens.accept("IS")) {
    const negated = tokens.accept("NOT");
    if (tokens.is("DISTINCT")) throw unsupported("IS DISTINCT FROM");
    tokens.expect("NULL");
    return { kind: "isNull", operand: left, negated };
  }
  return parseRange(tokens, left);
}

function parseRange(tokens: TokenStream, operand: Expr): Expr {
  const position = tokens.position;
  const negated = tokens.accept("NOT");
  if (tokens.accept("LIKE")) {
    const pattern = parseAdditive(tokens);
    return tokens.accept("ESCAPE")
      ? { kind: "like", operand, pattern, escape: parseAdditive(tokens), negated }
      : { kind: "like", operand, pattern, negated };
  }
  if (tokens.accept("BETWEEN")) {
    const low = parseAdditive(tokens);
    tokens.expect("AND");
    return { kind: "between", operand, low, high: parseAdditive(tokens), negated };
  }
  if (tokens.accept("IN")) return parseIn(tokens, operand, negated);
  tokens.back(position);
  return operand;
}

function parseIn(tokens: TokenStream, operand: Expr, negated: boolean): Expr {
  if (startsQuery(tokens, 1)) {
    tokens.expectSymbol("(");
    const query = tokens.query();
    tokens.expectSymbol(")");
    return { kind: "inQuery", operand, query, negated };
  }
  return { kind: "inList", operand, list: tokens.inParentheses(() => tokens.expression()), negated };
}

/** True when what follows the opening parenthesis is a query. */
function startsQuery(tokens: TokenStream, ahead: number): boolean {
  const token = tokens.peek(ahead);
  if (token.text === "(" && token.kind === "symbol") return startsQuery(tokens, ahead + 1);
  return token.upper === "SELECT" || token.upper === "WITH";
}

function parseAdditive(tokens: TokenStream): Expr {
  let left = parseMultiplicative(tokens);
  for (;;) {
    const operator = symbolOf(tokens, ["+", "-", "&", "|", "^"]);
    if (!operator) return left;
    tokens.next();
    left = { kind: "binary", operator, left, right: parseMultiplicative(tokens) };
  }
}

function parseMultiplicative(tokens: TokenStream): Expr {
  let left = parseUnary(tokens);
  for (;;) {
    const operator = symbolOf(tokens, ["*", "/", "%"]);
    if (!operator) return left;
    tokens.next();
    left = { kind: "binary", operator, left, right: parseUnary(tokens) };
  }
}

function symbolOf(tokens: TokenStream, symbols: readonly BinaryOperator[]): BinaryOperator | undefined {
  const token = tokens.peek();
  return token.kind === "symbol" ? symbols.find((symbol) => symbol === token.text) : undefined;
}

function parseUnary(tokens: TokenStream): Expr {
  for (const operator of ["-", "+", "~"] as const) {
    if (tokens.acceptSymbol(operator)) return { kind: "unary", operator, operand: parseUnary(tokens) };
  }
  return parseSuffix(tokens, parsePrimary(tokens));
}

function parseSuffix(tokens: TokenStream, operand: Expr): Expr {
  if (tokens.accept("COLLATE")) return parseSuffix(tokens, { kind: "collate", operand, collation: tokens.anyWord() });
  if (tokens.accept("AT", "TIME", "ZONE")) {
    return parseSuffix(tokens, { kind: "atTimeZone", operand, zone: parsePrimary(tokens) });
  }
  return operand;
}

function parsePrimary(tokens: TokenStream): Expr {
  const token = tokens.peek();
  switch (token.kind) {
    case "string":
    case "nstring":
    case "number":
    case "binary":
      tokens.next();
      return literal(token);
    case "variable":
      tokens.next();
      return { kind: "variable", name: token.text };
    case "symbol":
      return parseParenthesis(tokens);
    case "end":
      throw tokens.unexpected();
    default:
      return parseWord(tokens, token);
  }
}

function parseParenthesis(tokens: TokenStream): Expr {
  if (!tokens.isSymbol("(")) throw tokens.unexpected();
  const isQuery = startsQuery(tokens, 1);
  tokens.next();
  const inner: Expr = isQuery ? { kind: "subquery", query: tokens.query() } : tokens.expression();
  tokens.expectSymbol(")");
  return inner;
}

function parseWord(tokens: TokenStream, token: Token): Expr {
  if (token.upper === "NULL") {
    tokens.next();
    return { kind: "literal", type: nvarchar(1), value: null };
  }
  if (token.upper === "CASE") return parseCase(tokens);
  const call = parseCall(tokens, token, windowOf);
  if (call) return call;
  return { kind: "column", name: tokens.name() };
}

function windowOf(tokens: TokenStream): Window {
  tokens.expectSymbol("(");
  const partitionBy = tokens.accept("PARTITION", "BY") ? tokens.list(() => tokens.expression()) : [];
  const orderBy = tokens.accept("ORDER", "BY") ? parseOrder(tokens) : [];
  if (tokens.isOneOf("ROWS", "RANGE")) throw unsupported("frames of window functions (ROWS, RANGE)");
  tokens.expectSymbol(")");
  return { partitionBy, orderBy };
}

/** The items after ORDER BY. */
export function parseOrder(tokens: TokenStream): OrderItem[] {
  return tokens.list(() => {
    const expr = tokens.expression();
    const descending = tokens.accept("DESC");
    if (!descending) tokens.accept("ASC");
    return { expr, descending };
  });
}

function parseCase(tokens: TokenStream): Expr {
  tokens.expect("CASE");
  const operand = tokens.is("WHEN") ? undefined : tokens.expression();
  const branches: { when: Expr; then: Expr }[] = [];
  while (tokens.accept("WHEN")) {
    const when = tokens.expression();
    tokens.expect("THEN");
    branches.push({ when, then: tokens.expression() });
  }
  const otherwise = tokens.accept("ELSE") ? tokens.expression() : undefined;
  tokens.expect("END");
  if (branches.length === 0) throw tokens.unexpected();
  return { kind: "case", branches, ...(operand && { operand }), ...(otherwise && { otherwise }) };
}

function literal(token: Token): Expr {
  switch (token.kind) {
    case "string":
      return { kind: "literal", type: varchar(sizeOf(token.text.length, 8000)), value: token.text };
    case "nstring":
      return { kind: "literal", type: nvarchar(sizeOf(token.text.length, 4000)), value: token.text };
    case "binary": {
      const hex = token.text.length % 2 === 0 ? token.text : `0${token.text}`;
      const bytes = Buffer.from(hex, "hex");
      return { kind: "literal", type: varbinary(sizeOf(bytes.length, 8000)), value: bytes };
    }
    default:
      return number(token);
  }
}

function sizeOf(length: number, limit: number): number {
  return length > limit ? MAX : Math.max(1, length);
}

function number(token: Token): Expr {
  const { text } = token;
  if (/[eE]/.test(text)) return { kind: "literal", type: T.float, value: Number(text) };
  const parsed = parseDecimal(text);
  if (!parsed) throw unsupported(`the number ${text}`);
  if (!text.includes(".") && parsed.unscaled <= 2_147_483_647n) {
    return { kind: "literal", type: T.int, value: Number(parsed.unscaled) };
  }
  const precision = Math.max(digitCount(parsed.unscaled), parsed.scale, 1);
  return { kind: "literal", type: { ...decimal(precision, parsed.scale), name: "numeric" }, value: parsed.unscaled };
}
