import { unsupported } from "../errors";
import type { Expr, OrderItem, Window } from "./ast";
import type { Token } from "./lexer";
import type { TokenStream } from "./token-stream";

/** Functions that are written without parentheses. */
const BARE = new Set(["CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER"]);

/** Functions whose first argument is a word, such as the part of a date. */
const WORD_FIRST = new Set(["DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME", "DATETRUNC"]);

/** A function call, a cast or a function without parentheses; undefined when a column name is next. */
export function parseCall(
  tokens: TokenStream,
  token: Token,
  window: (tokens: TokenStream) => Window,
): Expr | undefined {
  if (BARE.has(token.upper)) {
    tokens.next();
    return call([token.upper], []);
  }
  if (token.kind === "word" && tokens.isSymbol("(", 1)) {
    if (token.upper === "CAST" || token.upper === "TRY_CAST") return parseCast(tokens);
    if (token.upper === "CONVERT" || token.upper === "TRY_CONVERT") return parseConvert(tokens);
    if (token.upper === "PARSE" || token.upper === "TRY_PARSE") throw unsupported(token.upper);
  }
  const position = tokens.position;
  const name = [tokens.anyWord()];
  while (tokens.isSymbol(".") && !tokens.isSymbol("*", 1)) {
    tokens.next();
    name.push(tokens.isSymbol(".") ? "" : tokens.anyWord());
  }
  if (!tokens.isSymbol("(")) {
    tokens.back(position);
    return undefined;
  }
  return parseArguments(tokens, name, window);
}

function call(name: readonly string[], args: readonly Expr[]): Expr {
  return { kind: "call", name, arguments: args, distinct: false, star: false };
}

function parseArguments(tokens: TokenStream, name: readonly string[], window: (tokens: TokenStream) => Window): Expr {
  tokens.expectSymbol("(");
  const star = tokens.isSymbol("*") && tokens.isSymbol(")", 1);
  if (star) tokens.next();
  const distinct = tokens.accept("DISTINCT");
  if (!distinct) tokens.accept("ALL");
  const args = tokens.isSymbol(")") ? [] : parseList(tokens, name);
  tokens.expectSymbol(")");
  const withinGroup = tokens.accept("WITHIN", "GROUP") ? parseWithin(tokens) : undefined;
  const over = tokens.accept("OVER") ? window(tokens) : undefined;
  return {
    kind: "call",
    name,
    arguments: args,
    distinct,
    star,
    ...(over && { over }),
    ...(withinGroup && { withinGroup }),
  };
}

function parseList(tokens: TokenStream, name: readonly string[]): Expr[] {
  const [word = ""] = name;
  if (name.length > 1 || !WORD_FIRST.has(word.toUpperCase())) return tokens.list(() => tokens.expression());
  const part = tokens.anyWord();
  const first: Expr = { kind: "column", name: [part] };
  return tokens.acceptSymbol(",") ? [first, ...tokens.list(() => tokens.expression())] : [first];
}

function parseWithin(tokens: TokenStream): OrderItem[] {
  tokens.expectSymbol("(");
  tokens.expect("ORDER", "BY");
  const items = tokens.list(() => {
    const expr = tokens.expression();
    const descending = tokens.accept("DESC");
    if (!descending) tokens.accept("ASC");
    return { expr, descending };
  });
  tokens.expectSymbol(")");
  return items;
}

function parseCast(tokens: TokenStream): Expr {
  const optional = tokens.next().upper === "TRY_CAST";
  tokens.expectSymbol("(");
  const operand = tokens.expression();
  tokens.expect("AS");
  const type = tokens.type();
  tokens.expectSymbol(")");
  return { kind: "cast", operand, type, optional };
}

function parseConvert(tokens: TokenStream): Expr {
  const optional = tokens.next().upper === "TRY_CONVERT";
  tokens.expectSymbol("(");
  const type = tokens.type();
  tokens.expectSymbol(",");
  const operand = tokens.expression();
  const style = tokens.acceptSymbol(",") ? tokens.expression() : undefined;
  tokens.expectSymbol(")");
  return { kind: "cast", operand, type, optional, ...(style && { style }) };
}
