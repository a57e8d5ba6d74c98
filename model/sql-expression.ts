/** Why a text can't be a single SQL expression such as a DEFAULT; undefined when it looks like one. No full grammar: PostgreSQL has the last word. */
export function expressionFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty";
  if (text.includes("\0")) return "contains a NUL character";
  const bare = text.replace(/'(?:[^']|'')*'/g, "''").replace(/"(?:[^"]|"")*"/g, '""');
  if (/['"]/.test(bare.replace(/''|""/g, ""))) return "has a quote that is not closed";
  if (bare.includes(";")) return "contains a semicolon";
  if (/--|\/\*|\$\$/.test(bare)) return "contains a comment or a dollar quote";
  return parenthesesFault(bare);
}

function parenthesesFault(text: string): string | undefined {
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth < 0) break;
  }
  return depth === 0 ? undefined : "has parentheses that do not match";
}
