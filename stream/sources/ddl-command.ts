/** What an ALTER TABLE does to columns, by their names in lower case. All empty for what doesn't concern columns. */
export interface ColumnChanges {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  readonly altered: readonly string[];
}

/** A comment, a name with brackets, quotes or neither, a text, or a single character. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|N?'(?:[^']|'')*'|[\p{L}_@#][\p{L}\p{N}_@#$]*|\d[\w.]*|\S/gu;
const NO_COLUMN = ["constraint", "index", "primary", "foreign", "unique", "check", "default", "period", "with"];
const NONE: ColumnChanges = { added: [], dropped: [], altered: [] };

/** Reads a command of `cdc.ddl_history`. Not a parser: it finds the columns that a command of the server's grammar names. */
export function changeOf(command: string): ColumnChanges {
  const tokens = tokensOf(command);
  const words = tokens.map((token) => token.toLowerCase());
  if (words[0] !== "alter" || words[1] !== "table") return NONE;
  const at = words.findIndex((word, index) => index > 2 && ["add", "drop", "alter"].includes(word));
  const rest = tokens.slice(at + 1);
  if (words[at] === "add") return { ...NONE, added: addedNames(rest) };
  if (words[at] === "drop") return { ...NONE, dropped: droppedNames(rest) };
  const isColumn = words[at] === "alter" && words[at + 1] === "column";
  return isColumn ? { ...NONE, altered: rest.slice(1, 2).map(plainName) } : NONE;
}

/**
 * Whether the column of an ALTER COLUMN may be NULL from then on. `unsaid`: that depends on settings of the session.
 * `kept`: as before, such as when a mask is added.
 */
export function nullsAfter(command: string): "allowed" | "refused" | "unsaid" | "kept" {
  const words = tokensOf(command).map((token) => token.toLowerCase());
  const at = words.findIndex((word, index) => index > 2 && word === "alter" && words[index + 1] === "column");
  const definition = words.slice(at + 3);
  if (at < 0 || ["add", "drop"].includes(definition[0] ?? "")) return "kept";
  const place = definition.indexOf("null");
  if (place < 0) return "unsaid";
  return definition[place - 1] === "not" ? "refused" : "allowed";
}

function tokensOf(command: string): string[] {
  return (command.match(TOKEN) ?? []).filter((token) => !/^(?:--|\/\*)/.test(token));
}

/** First word of every item of a list, apart from those that name no column. */
function addedNames(tokens: readonly string[]): string[] {
  return items(tokens)
    .map(([first = ""]) => first)
    .filter((first) => first !== "" && !NO_COLUMN.includes(first.toLowerCase()))
    .map(plainName);
}

/** `COLUMN a, b, CONSTRAINT c`: the word holds for the items that follow it. */
function droppedNames(tokens: readonly string[]): string[] {
  let isColumn = false;
  return items(tokens).flatMap((item) => {
    const words = item.map((token) => token.toLowerCase());
    if (words[0] === "column" || words[0] === "constraint") isColumn = words[0] === "column";
    const name = item.find((_, index) => !["column", "if", "exists"].includes(words[index] ?? ""));
    return isColumn && name !== undefined ? [plainName(name)] : [];
  });
}

/** Splits at the commas that are in no parentheses. */
function items(tokens: readonly string[]): string[][] {
  const found: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (token === "," && depth === 0) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}

function plainName(token: string): string {
  const inner = /^[["]/.test(token) ? token.slice(1, -1).replaceAll("]]", "]").replaceAll('""', '"') : token;
  return inner.toLowerCase();
}
