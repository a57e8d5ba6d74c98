import type { Column } from "../../model/column";
import type { ColumnSpecs } from "./props";

/** One column of a {@link ColumnSpecs}, taken apart. */
export interface ColumnSpec {
  readonly name: string;
  /** Canonical type. */
  readonly type: string;
  readonly nullable: boolean;
  /** DEFAULT expression in SQL. */
  readonly default?: string;
}

const NOT_NULL = " not null";
const DEFAULT = " default ";

/** `varchar(50) not null default 'x'`. */
export function formatColumnSpec(column: Omit<ColumnSpec, "name">): string {
  const nullability = column.nullable ? "" : NOT_NULL;
  return `${column.type}${nullability}${column.default === undefined ? "" : DEFAULT + column.default}`;
}

export function parseColumnSpec(name: string, text: string): ColumnSpec {
  const at = text.indexOf(DEFAULT);
  const head = at < 0 ? text : text.slice(0, at);
  const nullable = !head.endsWith(NOT_NULL);
  const column = { name, type: nullable ? head : head.slice(0, -NOT_NULL.length), nullable };
  return at < 0 ? column : { ...column, default: text.slice(at + DEFAULT.length) };
}

/** The columns of specs: those that `order` names, else the key, then the others by name, however an engine sorted them. */
export function orderedColumns(specs: ColumnSpecs, key: readonly string[], order?: readonly string[]): ColumnSpec[] {
  const first = order ?? key;
  const names = new Set([...first.filter((name) => Object.hasOwn(specs, name)), ...Object.keys(specs).sort()]);
  return [...names].map((name) => parseColumnSpec(name, specs[name] ?? ""));
}

/** The columns of the model as properties; metadata columns are implied. */
export function columnSpecs(columns: readonly Column[]): Record<string, string> {
  const own = columns.filter((column) => column.origin !== "metadata");
  return Object.fromEntries(own.map((column) => [column.name, formatColumnSpec(column)]));
}
