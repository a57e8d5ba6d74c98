/** Why a text can't be a single SQL expression such as a DEFAULT; undefined when it looks like one. No full grammar: PostgreSQL has the last word. */
export function expressionFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty";
  if (text.includes("\0")) return "contains a NUL character";
  if (/(?<![\w"$])e'/i.test(text) && text.includes("\\'")) return "has a quote after a backslash; write '' for a quote";
  // From the left, as PostgreSQL reads it: a quote of one kind inside the other is none.
  const bare = text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "0");
  if (/['"]/.test(bare)) return "has a quote that is not closed";
  if (bare.includes(";")) return "contains a semicolon";
  if (/--|\/\*|\$\$|\$[a-z_]\w*\$/i.test(bare)) return "contains a comment or a dollar quote";
  return parenthesesFault(bare);
}

/** Why a text can't be a single statement that changes rows; undefined when it looks like one. */
export function statementFault(text: string): string | undefined {
  const fault = expressionFault(text);
  if (fault !== undefined) return fault;
  const rows = /^\s*(?:update|insert|delete|merge|select|with)\b/i.test(text);
  return rows ? undefined : "is not an UPDATE, INSERT, DELETE, MERGE, SELECT or WITH";
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
