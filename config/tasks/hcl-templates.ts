import { positionAt, type Position } from "../yaml-locator";
import { ACTION, matched, scanHcl, type HclToken } from "./hcl-scan";

/** An HCL text as a parser of HCL takes it, and what can't be one. */
export interface PreparedHcl {
  readonly text: string;
  readonly faults: readonly (Position & { readonly text: string; readonly hint: string })[];
}

/**
 * Makes `"{{ env "X" }}"`, which is no HCL, what it means: `"{{ env \"X\" }}"`. Lines stay where they are. Values are
 * put in later, into the parsed strings: a value can't break the file.
 */
export function prepareTemplates(text: string): PreparedHcl {
  const tokens = scanHcl(text);
  let prepared = "";
  let end = 0;
  for (const token of tokens.filter(({ kind }) => kind === "string")) {
    prepared += text.slice(end, token.at) + escaped(token.text);
    end = token.at + token.text.length;
  }
  return { text: prepared + text.slice(end), faults: [...bareActions(text, tokens), ...inexact(text, tokens)] };
}

function escaped(written: string): string {
  let result = "";
  for (let at = 0; at < written.length;) {
    const action = matched(ACTION, written, at);
    const piece = action ?? (written[at] === "\\" ? written.slice(at, at + 2) : written.charAt(at));
    // Backquotes hold what is in them as it is, backslashes among it.
    const isPlain = action !== undefined && /(?<!\\)"|`[^`]*\\[^`]*`/.test(action);
    result += isPlain ? piece.replace(/["\\]/g, "\\$&") : piece;
    at += piece.length;
  }
  return result;
}

/** `name = {{ env "X" }}`: what it stands for would have to be text of the file. */
function bareActions(text: string, tokens: readonly HclToken[]): PreparedHcl["faults"] {
  const bare = tokens.filter(
    ({ text: mark, at }, index) =>
      mark === "{" && text.charAt(at + 1) === "{" && tokens[index + 1]?.at === at + 1 && !isSecondBrace(tokens, index),
  );
  return bare.map(({ at }) => ({
    ...positionAt(text, at),
    text: "a template stands outside of quotes",
    hint: 'write "{{ env "NAME" }}", or env("NAME")',
  }));
}

function isSecondBrace(tokens: readonly HclToken[], index: number): boolean {
  const [before, here] = [tokens[index - 1], tokens[index]];
  return before?.text === "{" && here !== undefined && before.at === here.at - 1;
}

/** Numbers that a double can't hold: they would reach the provider as others. */
function inexact(text: string, tokens: readonly HclToken[]): PreparedHcl["faults"] {
  const numbers = tokens.filter(({ kind, text: digits }) => kind === "number" && !isExact(digits));
  return numbers.map(({ text: digits, at }) => ({
    ...positionAt(text, at),
    text: `the number ${digits} can't be kept exactly`,
    hint: "put it in quotes",
  }));
}

const MOST_DIGITS = 17;

function isExact(digits: string): boolean {
  const value = Number(digits);
  if (!Number.isFinite(value)) return false;
  if (/^\d+$/.test(digits)) return Number.isSafeInteger(value);
  const significant = digits
    .replace(/[eE].*$/, "")
    .replace(".", "")
    .replace(/^0+/, "");
  return significant.length <= MOST_DIGITS;
}
