/** Prefix of the runtime's variables for an environment: `PG_DEV`, `MSSQL_PROD`. */
export function variablePrefix(kind: "PG" | "MSSQL", environment: string): string {
  return `${kind}_${environment.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
}

/** A name as a part of a file's path: what a file name can't hold is percent-encoded. */
export function filePart(name: string): string {
  const encoded = name.replace(/[^A-Za-z0-9 ._-]|^\.|[. ]$/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
  return encoded;
}

/** The text inside a YAML or JSON double-quoted scalar, in which the runtime finds no `${VAR}` to put in. */
export function scalar(text: string): string {
  return JSON.stringify(text).replaceAll("${", "\\u0024{");
}
