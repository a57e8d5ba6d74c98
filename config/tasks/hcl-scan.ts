/** A piece of an HCL text. White space and comments between them are left out. */
export interface HclToken {
  readonly kind: "name" | "number" | "string" | "heredoc" | "newline" | "mark";
  readonly text: string;
  /** Offset of its first character. */
  readonly at: number;
}

/**
 * An action of a template, such as `{{ env "X" }}` or `{{ env \"X\" }}`: it begins with a word, and ends on its line.
 * Quotes within it may be escaped or not.
 */
export const ACTION =
  /\{\{-?[^\S\n]*[A-Za-z_](?:\\"(?:(?!\\")[^\n])*\\"|"(?:[^"\\\n]|\\[^\n])*"|`[^`\n]*`|[^"`{}\\\n])*\}\}/y;

const TOKENS: readonly (readonly [HclToken["kind"], RegExp])[] = [
  ["newline", /\n/y],
  ["name", /[\p{ID_Start}_][\p{ID_Continue}-]*/uy],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["heredoc", /<<-?[^\S\n]*([\p{ID_Start}_][\p{ID_Continue}-]*)[^\S\n]*\n(?:[^\n]*\n)*?[^\S\n]*\1(?=\s|$)/uy],
  ["mark", /[^\s]/y],
];
const BLANK = /(?:[^\S\n]+|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;

/**
 * Takes an HCL text apart, as far as it is needed to find places in it. What is wrong with it is the parser's business:
 * any text gives tokens.
 */
export function scanHcl(text: string): HclToken[] {
  const tokens: HclToken[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = skip(text, at + token.text.length);
  }
  return tokens;
}

function skip(text: string, at: number): number {
  return at + (matched(BLANK, text, at)?.length ?? 0);
}

function tokenAt(text: string, at: number): HclToken {
  if (text[at] === '"') return { kind: "string", text: text.slice(at, stringEnd(text, at)), at };
  for (const [kind, pattern] of TOKENS) {
    const found = matched(pattern, text, at);
    if (found !== undefined) return { kind, text: found, at };
  }
  return { kind: "mark", text: text.charAt(at), at };
}

/** Offset after a string: quotes within `${…}` and within the actions of a template don't end it. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length;) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character === "\n") return at;
    if (character === "\\") at += 2;
    else if (text.startsWith("$${", at)) at += 3;
    else if (text.startsWith("${", at)) at = interpolationEnd(text, at + 2);
    else at += matched(ACTION, text, at)?.length ?? 1;
  }
  return text.length;
}

/** Offset after the brace that closes `${`. */
export function interpolationEnd(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length;) {
    const character = text.charAt(at);
    if (character === '"') {
      at = stringEnd(text, at);
      continue;
    }
    at += 1;
    if (character === "{") depth += 1;
    if (character === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** What a sticky pattern matches at an offset. */
export function matched(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
