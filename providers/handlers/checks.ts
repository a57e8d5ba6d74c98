import { canonicalType } from "../../model/sink-type";
import { expressionFault, statementFault } from "../../model/sql-expression";
import { inSchema, type TableHints } from "../../model/table-hints";
import { parseColumnSpec } from "../../sql/plans/column-spec";
import type { ColumnSpecs } from "../../sql/plans/props";
import { MAX_IDENTIFIER_BYTES } from "../../sql/sql";
import type { CheckFailure } from "./dynamic-provider";

/** Failures for properties that must be names PostgreSQL can hold; absent optional ones are fine. */
export function checkIdentifiers<P extends object>(props: P, names: readonly (keyof P & string)[]): CheckFailure[] {
  return names.flatMap((property) => {
    const value: unknown = props[property];
    const reason = value === undefined ? undefined : identifierFault(value);
    return reason === undefined ? [] : [{ property, reason }];
  });
}

/** Failures of columns and, where there is one, of the key. */
export function checkColumns(props: {
  readonly columns: ColumnSpecs;
  readonly key?: readonly string[];
}): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [name, text] of Object.entries(props.columns)) {
    const property = `columns.${name}`;
    const fault = identifierFault(name);
    if (fault !== undefined) failures.push({ property, reason: fault });
    const { type } = parseColumnSpec(name, text);
    if (canonicalType(type) !== type)
      failures.push({ property, reason: `"${type}" is not a PostgreSQL type in its short spelling` });
  }
  if (props.key === undefined) return failures;
  if (props.key.length === 0) failures.push({ property: "key", reason: "a table without a key cannot be merged" });
  for (const name of props.key) {
    if (!Object.hasOwn(props.columns, name))
      failures.push({ property: "key", reason: `"${name}" is not one of the columns` });
  }
  return failures;
}

/** Failures of what the user says about changes: names that are none, and SQL that isn't one expression or statement. */
export function checkHints({
  schema,
  hints = {},
}: {
  readonly schema: string;
  readonly hints?: TableHints;
}): CheckFailure[] {
  const pairs = [...(hints.renames ?? []), ...(hints.notRenamed ?? [])];
  const faults: (readonly [string, string | undefined])[] = [
    ...pairs.flatMap(({ from, to }) => [from, to].map((name) => [name, identifierFault(name)] as const)),
    ...Object.entries(hints.using ?? {}).map(([name, text]) => [name, expressionFault(text)] as const),
    ...Object.entries(hints.preSql ?? {}).map(
      ([name, text]) => [name, statementFault(inSchema(text, schema))] as const,
    ),
  ];
  return faults.flatMap(([name, fault]) =>
    fault === undefined ? [] : [{ property: "hints", reason: `what is said about ${name} ${fault}` }],
  );
}

function identifierFault(value: unknown): string | undefined {
  if (typeof value !== "string") return "must be a name";
  const bytes = Buffer.byteLength(value);
  if (bytes === 0 || value.includes("\0")) return "must be a name of at least one character, without NUL";
  if (bytes > MAX_IDENTIFIER_BYTES)
    return `"${value}" has ${String(bytes)} bytes; PostgreSQL keeps ${String(MAX_IDENTIFIER_BYTES)}`;
  return undefined;
}
