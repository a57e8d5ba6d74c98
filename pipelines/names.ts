/** Prefix of the runtime's variables for an environment: `PG_DEV`, `MSSQL_PROD`. */
export function variablePrefix(kind: "PG" | "MSSQL", environment: string): string {
  return `${kind}_${environment.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
}

/** The text inside a YAML or JSON double-quoted scalar, in which the runtime finds no `${VAR}` to put in. */
export function scalar(text: string): string {
  return JSON.stringify(text).replaceAll("${", "\\u0024{");
}
