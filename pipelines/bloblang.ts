/** A text as a Bloblang string, in which the runtime finds no `${VAR}` to put in. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("${", "\\u0024{");
}

/** A Bloblang text as a string over several lines where it can be one. */
export function quotedBlock(text: string): string {
  const clean = text.replace(/\r\n?/g, "\n").trim();
  return clean.includes('"""') || clean.includes("${") ? quoted(clean) : `"""\n${clean}\n"""`;
}

/** A name as one step of a Bloblang path: dots and tildes are part of the name. */
export function pathStep(name: string): string {
  return name.replaceAll("~", "~0").replaceAll(".", "~1");
}

/** Lines moved to the right, empty ones left empty. */
export function indented(text: string, blanks: number): string {
  const margin = " ".repeat(blanks);
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : margin + line))
    .join("\n");
}

/** An object over several lines, one entry each. */
export function objectLines(entries: readonly (readonly [string, string])[], blanks = 2): string {
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, value]) => `${" ".repeat(blanks)}${quoted(key)}: ${value}`);
  return `{\n${lines.join(",\n")}\n${" ".repeat(blanks - 2)}}`;
}
