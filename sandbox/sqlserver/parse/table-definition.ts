import { unsupported } from "../errors";
import type { Expr } from "./ast";
import type { ColumnSpec, TableConstraint } from "./ast-definitions";
import { skipParentheses } from "./query";
import type { TokenStream } from "./token-stream";

/** Columns and constraints in parentheses. */
export function parseDefinition(tokens: TokenStream): { columns: ColumnSpec[]; constraints: TableConstraint[] } {
  const columns: ColumnSpec[] = [];
  const constraints: TableConstraint[] = [];
  tokens.inParentheses(() => {
    parseElement(tokens, columns, constraints);
  });
  return { columns, constraints };
}

/** One column or constraint, as in CREATE TABLE and ALTER TABLE ADD. */
export function parseElement(tokens: TokenStream, columns: ColumnSpec[], constraints: TableConstraint[]): void {
  if (tokens.is("PERIOD")) throw unsupported("temporal tables");
  if (tokens.is("INDEX")) throw unsupported("INDEX inside a table definition");
  const constraint = parseTableConstraint(tokens);
  if (constraint) constraints.push(constraint);
  else columns.push(parseColumn(tokens));
}

/** A column with everything after its name. */
export function parseColumn(tokens: TokenStream): ColumnSpec {
  const name = tokens.identifier();
  if (tokens.accept("AS")) return { name, computed: parseComputed(tokens), constraints: [] };
  // `timestamp` may stand for both the name and the type.
  const type = tokens.isIdentifier() || tokens.is("NATIONAL") ? tokens.type() : { name: [name], arguments: [] };
  const spec: Mutable<ColumnSpec> & { constraints: TableConstraint[] } = { name, type, constraints: [] };
  while (parseProperty(tokens, spec));
  return spec;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parseComputed(tokens: TokenStream): NonNullable<ColumnSpec["computed"]> {
  const [expr, text] = withText(tokens, () => tokens.expression());
  const persisted = tokens.accept("PERSISTED");
  if (persisted) tokens.accept("NOT", "NULL");
  return { expr, text: text.startsWith("(") ? text : `(${text})`, persisted };
}

function withText(tokens: TokenStream, parse: () => Expr): [Expr, string] {
  const position = tokens.position;
  const expr = parse();
  return [expr, tokens.textFrom(position)];
}

/** Takes one property of a column; false when none is next. */
function parseProperty(tokens: TokenStream, spec: Mutable<ColumnSpec> & { constraints: TableConstraint[] }): boolean {
  const name = tokens.accept("CONSTRAINT") ? tokens.identifier() : undefined;
  if (tokens.accept("NULL")) spec.nullable = true;
  else if (tokens.accept("NOT", "NULL")) spec.nullable = false;
  else if (tokens.accept("COLLATE")) spec.collation = tokens.anyWord();
  else if (tokens.accept("IDENTITY")) spec.identity = parseIdentity(tokens);
  else if (tokens.accept("ROWGUIDCOL") || tokens.accept("SPARSE")) return true;
  else if (tokens.accept("DEFAULT")) {
    const [expr, text] = withText(tokens, () => tokens.expression());
    spec.default = { expr, text: text.startsWith("(") ? text : `(${text})`, ...(name !== undefined && { name }) };
    if (tokens.accept("WITH")) tokens.expect("VALUES");
  } else return parseColumnConstraint(tokens, spec, name);
  return true;
}

function parseIdentity(tokens: TokenStream): { seed: bigint; increment: bigint } {
  if (!tokens.isSymbol("(")) return { seed: 1n, increment: 1n };
  const [seed = 1n, increment = 1n] = tokens.inParentheses(() => {
    const sign = tokens.acceptSymbol("-") ? -1n : 1n;
    return sign * BigInt(tokens.next().text);
  });
  tokens.accept("NOT", "FOR", "REPLICATION");
  return { seed, increment };
}

function parseColumnConstraint(
  tokens: TokenStream,
  spec: { name: string; constraints: TableConstraint[] },
  name: string | undefined,
): boolean {
  const named = name === undefined ? {} : { name };
  const key = parseKeyWords(tokens);
  if (key) {
    const columns = tokens.isSymbol("(") ? keyColumns(tokens) : [{ name: spec.name, descending: false }];
    skipStorage(tokens);
    spec.constraints.push({ kind: "key", ...named, ...key, columns });
  } else if (tokens.accept("CHECK")) {
    spec.constraints.push(parseCheck(tokens, named));
  } else if (tokens.isOneOf("REFERENCES", "FOREIGN")) {
    if (tokens.accept("FOREIGN")) tokens.expect("KEY");
    spec.constraints.push(parseReferences(tokens, named, [spec.name]));
  } else if (tokens.isOneOf("GENERATED", "MASKED", "ENCRYPTED", "FILESTREAM", "HIDDEN")) {
    throw unsupported(`${tokens.peek().upper} columns`);
  } else {
    if (name !== undefined) throw tokens.unexpected();
    return false;
  }
  return true;
}

function parseKeyWords(tokens: TokenStream): { primary: boolean; clustered?: boolean } | undefined {
  const primary = tokens.accept("PRIMARY", "KEY");
  if (!primary && !tokens.accept("UNIQUE")) return undefined;
  if (tokens.accept("CLUSTERED")) return { primary, clustered: true };
  return tokens.accept("NONCLUSTERED") ? { primary, clustered: false } : { primary };
}

/** Columns of a key or an index with their direction. */
export function keyColumns(tokens: TokenStream): { name: string; descending: boolean }[] {
  return tokens.inParentheses(() => {
    const name = tokens.identifier();
    const descending = tokens.accept("DESC");
    if (!descending) tokens.accept("ASC");
    return { name, descending };
  });
}

/** WITH (…) and ON filegroup: they place a thing and don't change it. */
export function skipStorage(tokens: TokenStream): void {
  if (tokens.is("WITH") && tokens.isSymbol("(", 1)) {
    tokens.next();
    skipParentheses(tokens);
  }
  while (tokens.isOneOf("ON", "TEXTIMAGE_ON")) {
    tokens.next();
    tokens.anyWord();
    if (tokens.isSymbol("(")) throw unsupported("partitioned tables");
  }
}

function parseTableConstraint(tokens: TokenStream): TableConstraint | undefined {
  const name = tokens.accept("CONSTRAINT") ? { name: tokens.identifier() } : {};
  const key = parseKeyWords(tokens);
  if (key) {
    const columns = keyColumns(tokens);
    skipStorage(tokens);
    return { kind: "key", ...name, ...key, columns };
  }
  if (tokens.accept("CHECK")) return parseCheck(tokens, name);
  if (tokens.accept("FOREIGN", "KEY"))
    return parseReferences(
      tokens,
      name,
      tokens.inParentheses(() => tokens.identifier()),
    );
  if (tokens.accept("DEFAULT")) {
    const [expr, text] = withText(tokens, () => tokens.expression());
    tokens.expect("FOR");
    return {
      kind: "default",
      ...name,
      expr,
      text: text.startsWith("(") ? text : `(${text})`,
      column: tokens.identifier(),
    };
  }
  if ("name" in name) throw tokens.unexpected();
  return undefined;
}

function parseCheck(tokens: TokenStream, name: { name?: string }): TableConstraint {
  const [expr, text] = withText(tokens, () => {
    tokens.expectSymbol("(");
    const inner = tokens.expression();
    tokens.expectSymbol(")");
    return inner;
  });
  return { kind: "check", ...name, expr, text };
}

function parseReferences(tokens: TokenStream, name: { name?: string }, columns: readonly string[]): TableConstraint {
  tokens.expect("REFERENCES");
  const target = tokens.name();
  const targetColumns = tokens.isSymbol("(") ? tokens.inParentheses(() => tokens.identifier()) : [];
  while (tokens.accept("ON")) {
    if (!tokens.accept("DELETE")) tokens.expect("UPDATE");
    if (!tokens.accept("NO", "ACTION")) throw unsupported("cascading foreign keys");
  }
  return { kind: "foreign", ...name, columns, target, targetColumns };
}
