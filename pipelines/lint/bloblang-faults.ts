import { nearestWord } from "../../model/nearest-word";
import { bloblangTokens, type Fault, type Token } from "./bloblang-tokens";
import { BLOBLANG_FUNCTIONS, BLOBLANG_METHODS } from "./bloblang-words";

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const KEYWORDS = new Set(["if", "else", "match", "map", "let", "meta", "root", "this", "import", "from"]);
/** Methods in whose arguments `this` may be something else. */
const WITH_CONTEXT = new Set([
  ...["all", "any", "apply", "bloblang", "catch", "filter", "find_by", "find_all_by", "fold", "map", "map_each"],
  ...["map_each_key", "or", "sort", "sort_by"],
]);

/**
 * What is wrong with a Bloblang text by our own rules: brackets and strings that don't end, functions and methods that
 * neither Bento nor Redpanda Connect has, and columns (`this.Name`) that the row lacks.
 * @param columns Names that `this` has; absent: not checked.
 */
export function bloblangFaults(text: string, columns?: readonly string[]): Fault[] {
  const tokens = bloblangTokens(text);
  if (!Array.isArray(tokens)) return [tokens];
  const bracket = bracketFault(tokens);
  if (bracket !== undefined) return [bracket];
  const faults = tokens.flatMap((_token, index) => callFault(tokens, index));
  return columns === undefined ? faults : [...faults, ...columnFaults(tokens, columns)];
}

function bracketFault(tokens: readonly Token[]): Fault | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.kind !== "symbol") continue;
    if (Object.hasOwn(CLOSING, token.text)) open.push(token);
    if (![")", "]", "}"].includes(token.text)) continue;
    const opened = open.pop();
    if (opened === undefined || CLOSING[opened.text] !== token.text)
      return { line: token.line, text: `${token.text} closes nothing` };
  }
  const left = open.at(-1);
  return left === undefined ? undefined : { line: left.line, text: `${left.text} is not closed` };
}

function callFault(tokens: readonly Token[], index: number): Fault[] {
  const token = tokens[index];
  const isCall = tokens[index + 1]?.text === "(";
  if (token?.kind !== "word" || !isCall || /^[$@]/.test(token.text)) return [];
  const isMethod = tokens[index - 1]?.text === ".";
  const known = isMethod ? BLOBLANG_METHODS : BLOBLANG_FUNCTIONS;
  if (known.has(token.text) || (!isMethod && KEYWORDS.has(token.text))) return [];
  const near = nearestWord(token.text, [...known]);
  const hint = near === undefined ? "" : `, did you mean ${near}?`;
  return [{ line: token.line, text: `there is no ${isMethod ? "method" : "function"} ${token.text}${hint}` }];
}

function columnFaults(tokens: readonly Token[], columns: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const calls: string[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === "symbol" && Object.hasOwn(CLOSING, token.text)) calls.push(tokens[index - 1]?.text ?? "");
    else if (token.kind === "symbol" && [")", "]", "}"].includes(token.text)) calls.pop();
    else if (token.text === "this" && !calls.some((call) => WITH_CONTEXT.has(call))) {
      const fault = columnFault(tokens, index, columns);
      if (fault !== undefined) faults.push(fault);
    }
  });
  return faults;
}

function columnFault(tokens: readonly Token[], index: number, columns: readonly string[]): Fault | undefined {
  const name = tokens[index + 2];
  const isPath = tokens[index + 1]?.text === "." && name !== undefined && name.kind !== "symbol";
  if (!isPath || tokens[index + 3]?.text === "(") return undefined;
  const column = name.kind === "string" ? textOf(name.text) : name.text;
  if (columns.includes(column)) return undefined;
  const near = nearestWord(column, columns);
  const hint = near === undefined ? "" : `, did you mean ${near}?`;
  return { line: name.line, text: `the table has no column ${column}${hint}` };
}

function textOf(string: string): string {
  try {
    return JSON.parse(string) as string;
  } catch {
    return string;
  }
}
