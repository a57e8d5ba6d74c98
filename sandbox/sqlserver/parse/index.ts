import type { Expr, Statement, TypeRef } from "./ast";
import { parseExpression } from "./expression";
import { tokenize } from "./lexer";
import { parseQuery } from "./query";
import { parseStatement } from "./statement";
import { TokenStream, type Grammar } from "./token-stream";

const GRAMMAR: Grammar = { expression: parseExpression, query: parseQuery, statement: parseStatement };

/** Batches that a client sends again and again are parsed once: the latest of them, without long ones. */
const PARSED = new Map<string, readonly Statement[]>();
const MOST_PARSED = 500;
const LONGEST_PARSED = 4_000;

/** The statements of a batch. Throws SqlError with the line of the fault. */
export function parseBatch(text: string): readonly Statement[] {
  const known = PARSED.get(text);
  if (known !== undefined) return known;
  const statements = parse(text);
  if (text.length > LONGEST_PARSED) return statements;
  const [oldest] = PARSED.keys();
  if (PARSED.size >= MOST_PARSED && oldest !== undefined) PARSED.delete(oldest);
  PARSED.set(text, statements);
  return statements;
}

function parse(text: string): Statement[] {
  const tokens = new TokenStream(tokenize(text), text, GRAMMAR);
  const statements: Statement[] = [];
  while (tokens.peek().kind !== "end") statements.push(parseStatement(tokens));
  return statements;
}

/** A declaration of a parameter in the text that sp_executesql takes. */
export interface ParameterSpec {
  readonly name: string;
  readonly type: TypeRef;
  readonly output: boolean;
  readonly default?: Expr;
}

/** The parameters in `@a int, @b nvarchar(10) OUTPUT`. */
export function parseParameters(text: string): ParameterSpec[] {
  const tokens = new TokenStream(tokenize(text), text, GRAMMAR);
  if (tokens.peek().kind === "end") return [];
  const parameters = tokens.list(() => {
    const token = tokens.next();
    if (token.kind !== "variable") throw tokens.unexpected(token);
    tokens.accept("AS");
    const type = tokens.type();
    const value = tokens.acceptSymbol("=") ? tokens.expression() : undefined;
    const output = tokens.accept("OUTPUT") || tokens.accept("OUT");
    return { name: token.text, type, output, ...(value && { default: value }) };
  });
  if (tokens.peek().kind !== "end") throw tokens.unexpected();
  return parameters;
}

/** A name such as `dbo.[My table]`, split into its parts. */
export function parseName(text: string): readonly string[] {
  const tokens = new TokenStream(tokenize(text), text, GRAMMAR);
  const parts = [tokens.anyWord()];
  while (tokens.acceptSymbol(".")) parts.push(tokens.isSymbol(".") ? "" : tokens.anyWord());
  if (tokens.peek().kind !== "end") throw tokens.unexpected();
  return parts;
}
