/** First line of every page of ours, by which pages that nothing makes any more are known. */
export const MADE_BY = "made by `cdc manage-migrations schema-docs`; edits are lost";

/** A Markdown table; cells are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A name or a value as code that a table cell can hold, whatever characters it has. */
export function code(text: string): string {
  const shown = oneLine(text);
  // A pipe ends a cell even in code, and a backslash before it doesn't always help.
  if (shown.includes("|")) return `<code>${shown.replace(/[^\p{L}\p{N} ]/gu, reference)}</code>`;
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 || shown === "" || /^ .* $/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** The user's words in a table cell: their Markdown works, their lines are kept, their HTML isn't run. */
export function prose(text: string): string {
  return text
    .trim()
    .replace(/[<|]/g, reference)
    .replace(/\s*\n\s*/g, "<br>");
}

/** A heading's text: nothing in it is Markdown. */
export function heading(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}

/** A link to a page, its path taken apart at `/` and each part encoded. */
export function link(text: string, path: string): string {
  return `[${heading(text)}](${path.split("/").map(encodeURIComponent).join("/")})`;
}

/** Control characters, which only break pages, as visible escapes. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => JSON.stringify(character).slice(1, -1));
}

function reference(character: string): string {
  return `&#${String(character.codePointAt(0))};`;
}
