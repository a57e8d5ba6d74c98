/** A piece of a Bloblang text. */
export interface Token {
  readonly kind: "string" | "word" | "symbol";
  readonly text: string;
  /** Of its first character, from 1. */
  readonly line: number;
}

/** What is wrong, and where. */
export interface Fault {
  readonly line: number;
  readonly text: string;
}

const BLANK = /[^\S\n]+/y;
const COMMENT = /#[^\n]*/y;
const BLOCK = /"""[\s\S]*?"""/y;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const WORD = /[$@]?[A-Za-z_][A-Za-z0-9_]*/y;

/** Takes a Bloblang text apart; comments and blanks are left out. A string that doesn't end is a fault. */
export function bloblangTokens(text: string): Token[] | Fault {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const match = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at;
      return pattern.exec(text)?.[0];
    };
    const skipped = match(BLANK) ?? match(COMMENT);
    const string = skipped === undefined ? (match(BLOCK) ?? match(STRING)) : undefined;
    const word = skipped === undefined && string === undefined ? match(WORD) : undefined;
    const piece = skipped ?? string ?? word ?? text.charAt(at);
    if (piece === '"') return { line, text: "a string does not end" };
    if (skipped === undefined && piece !== "\n") {
      const kind = string !== undefined ? "string" : word !== undefined ? "word" : "symbol";
      tokens.push({ kind, text: piece, line });
    }
    line += piece.split("\n").length - 1;
    at += piece.length;
  }
  return tokens;
}
