import { sqlError, type SqlError } from "../errors";
import type { Expr, Name, Query, Statement, TypeRef } from "./ast";
import type { Token } from "./lexer";
import { RESERVED } from "./reserved";

/** The rules that refer to one another; given to the stream, so that no file imports in a circle. */
export interface Grammar {
  expression(tokens: TokenStream): Expr;
  query(tokens: TokenStream): Query;
  statement(tokens: TokenStream): Statement;
}

/** Tokens with a place in them. */
export class TokenStream {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    readonly text: string,
    readonly grammar: Grammar,
  ) {}

  /** The token that is next, or one further on. */
  peek(ahead = 0): Token {
    const token = this.tokens[this.at + ahead] ?? this.tokens.at(-1);
    if (!token) throw new Error("no tokens");
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  /** Where the stream stands; give it to {@link back} to try something else. */
  get position(): number {
    return this.at;
  }

  back(position: number): void {
    this.at = position;
  }

  /** True when the next words are these. */
  is(...words: readonly string[]): boolean {
    return words.every((word, i) => this.peek(i).upper === word);
  }

  /** True when the next word is one of these. */
  isOneOf(...words: readonly string[]): boolean {
    return words.includes(this.peek().upper);
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === symbol;
  }

  /** Takes the words when they are next. */
  accept(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.at += words.length;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.at++;
    return true;
  }

  /** Takes the words. Throws 102 or 156 when something else is next. */
  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.unexpected();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.unexpected();
  }

  /** The syntax error at the next token. */
  unexpected(token = this.peek()): SqlError {
    const shown = token.kind === "end" ? (this.tokens[this.at - 1]?.text ?? "") : token.text;
    const error = RESERVED.has(token.upper) ? sqlError(156, token.text) : sqlError(102, shown);
    error.line = token.line;
    return error;
  }

  /** An identifier: a word that isn't reserved, or anything quoted. */
  identifier(): string {
    const token = this.peek();
    if (token.kind !== "quoted" && (token.kind !== "word" || RESERVED.has(token.upper))) throw this.unexpected();
    this.at++;
    return token.text;
  }

  /** True when an identifier is next. */
  isIdentifier(): boolean {
    const token = this.peek();
    return token.kind === "quoted" || (token.kind === "word" && !RESERVED.has(token.upper));
  }

  /** A name of several parts; a part may be left out, as in `db..table`. */
  name(): Name {
    const parts = [this.identifier()];
    while (this.acceptSymbol(".")) parts.push(this.isSymbol(".") ? "" : this.anyWord());
    return parts;
  }

  /** After a dot, reserved words are names too. */
  anyWord(): string {
    const token = this.next();
    if (token.kind !== "word" && token.kind !== "quoted") throw this.unexpected(token);
    return token.text;
  }

  /** Comma-separated items. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.acceptSymbol(",")) items.push(item());
    return items;
  }

  /** Comma-separated items in parentheses. */
  inParentheses<T>(item: () => T): T[] {
    this.expectSymbol("(");
    const items = this.isSymbol(")") ? [] : this.list(item);
    this.expectSymbol(")");
    return items;
  }

  /** A type name with its arguments. */
  type(): TypeRef {
    const first = this.anyWord();
    const name = this.acceptSymbol(".") ? [first, this.anyWord()] : [first];
    // `double precision`, `character varying` and their like are old spellings nobody sends.
    const args = this.isSymbol("(") ? this.inParentheses(() => this.typeArgument()) : [];
    return { name, arguments: args };
  }

  private typeArgument(): number {
    const token = this.next();
    if (token.upper === "MAX") return -1;
    if (token.kind !== "number") throw this.unexpected(token);
    return Number(token.text);
  }

  /** The text between two positions, as written. */
  textFrom(position: number): string {
    const from = this.tokens[position]?.start ?? 0;
    const to = this.tokens[this.at - 1]?.end ?? from;
    return this.text.slice(from, to);
  }

  expression(): Expr {
    return this.grammar.expression(this);
  }

  query(): Query {
    return this.grammar.query(this);
  }
}
