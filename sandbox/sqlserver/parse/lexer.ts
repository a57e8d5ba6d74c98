import { sqlError } from "../errors";

/** A piece of a T-SQL text. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "nstring" | "number" | "binary" | "variable" | "symbol" | "end";
  /** Content: without quotes, unescaped. Symbols and numbers as written. */
  readonly text: string;
  /** Upper case of words, else empty. */
  readonly upper: string;
  readonly line: number;
  /** Where it begins and ends in the text. */
  readonly start: number;
  readonly end: number;
}

const SYMBOLS = ["<>", "<=", ">=", "!=", "!<", "!>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "::"];
const WORD_START = /[\p{L}_#]/u;
const WORD = /[\p{L}\p{N}_#@$]*/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const HEX = /0[xX][0-9a-fA-F]*/y;

/** Splits a batch into tokens, an `end` token last. Throws 105 for a text that isn't closed, 102 for a stray character. */
export function tokenize(text: string): Token[] {
  return new Lexer(text).all();
}

class Lexer {
  private at = 0;
  private line = 1;
  private readonly tokens: Token[] = [];

  constructor(private readonly text: string) {}

  all(): Token[] {
    this.skipBlank();
    while (this.at < this.text.length) {
      this.tokens.push(this.next());
      this.skipBlank();
    }
    this.tokens.push(this.token("end", "", this.at));
    return this.tokens;
  }

  private next(): Token {
    const start = this.at;
    const character = this.text[start] ?? "";
    const following = this.text[start + 1] ?? "";
    if (character === "'") return this.token("string", this.enclosed("'"), start);
    if ((character === "N" || character === "n") && following === "'") {
      this.at++;
      return this.token("nstring", this.enclosed("'"), start);
    }
    if (character === "[") return this.token("quoted", this.enclosed("]"), start);
    if (character === '"') return this.token("quoted", this.enclosed('"'), start);
    if (character === "0" && /[xX]/.test(following)) return this.token("binary", this.match(HEX).slice(2), start);
    if (/\d/.test(character) || (character === "." && /\d/.test(following))) {
      return this.token("number", this.match(NUMBER), start);
    }
    if (character === "@") return this.variable(start);
    if (character === "$" && /[\p{L}]/u.test(following)) {
      this.at++;
      return this.token("word", `$${this.match(WORD)}`, start);
    }
    if (WORD_START.test(character)) return this.token("word", this.match(WORD), start);
    return this.symbol(start, character);
  }

  private variable(start: number): Token {
    this.at += this.text[start + 1] === "@" ? 2 : 1;
    this.match(WORD);
    return this.token("variable", this.text.slice(start, this.at), start);
  }

  private symbol(start: number, character: string): Token {
    const two = this.text.slice(start, start + 2);
    const symbol = SYMBOLS.includes(two) ? two : character;
    if (!SYMBOLS.includes(symbol) && !"+-*/%&|^~=<>().,;:".includes(symbol)) throw this.at_(sqlError(102, symbol));
    this.at += symbol.length;
    return this.token("symbol", symbol, start);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  /** Reads to the closing character; doubled, it stands for itself. */
  private enclosed(close: string): string {
    let content = "";
    for (let from = ++this.at; ;) {
      const found = this.text.indexOf(close, this.at);
      if (found < 0) throw this.at_(sqlError(105, this.text.slice(from)));
      if (this.text[found + 1] !== close) {
        content += this.text.slice(from, found);
        this.at = found + 1;
        return content;
      }
      content += this.text.slice(from, found + 1);
      this.at = from = found + 2;
    }
  }

  private token(kind: Token["kind"], text: string, start: number): Token {
    const line = this.line;
    for (let i = start; i < this.at; i++) if (this.text[i] === "\n") this.line++;
    return { kind, text, upper: kind === "word" ? text.toUpperCase() : "", line, start, end: this.at };
  }

  private skipBlank(): void {
    for (;;) {
      const character = this.text[this.at];
      if (character !== undefined && /\s/.test(character)) {
        if (character === "\n") this.line++;
        this.at++;
      } else if (this.text.startsWith("--", this.at)) {
        const end = this.text.indexOf("\n", this.at);
        this.at = end < 0 ? this.text.length : end;
      } else if (this.text.startsWith("/*", this.at)) {
        this.skipComment();
      } else {
        return;
      }
    }
  }

  /** Block comments nest. */
  private skipComment(): void {
    let depth = 0;
    do {
      if (this.at >= this.text.length) throw this.at_(sqlError(113));
      if (this.text.startsWith("/*", this.at)) depth++;
      else if (this.text.startsWith("*/", this.at)) depth--;
      if (this.text[this.at] === "\n") this.line++;
      this.at += this.text.startsWith("/*", this.at) || this.text.startsWith("*/", this.at) ? 2 : 1;
    } while (depth > 0);
  }

  private at_(error: ReturnType<typeof sqlError>) {
    error.line = this.line;
    return error;
  }
}
