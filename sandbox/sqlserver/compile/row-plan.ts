import type { ResultColumn, RowPlan } from "../session";
import type { Compiled } from "./compiled";

/** An item of a select list. */
export interface Item {
  readonly name: string;
  readonly value: Compiled;
}

/** The column that an item becomes. */
export function resultColumn({ name, value }: Item): ResultColumn {
  const column = value.field?.column;
  return {
    name,
    type: value.type,
    nullable: value.nullable,
    ...(column && { stored: true, identity: column.identity, computed: column.computed !== undefined }),
  };
}

/**
 * Groups neighbouring columns of one source, so that their bytes can be kept with its row; what is computed goes
 * into a row of its own.
 */
export function planOf(
  items: readonly Item[],
  columns: readonly ResultColumn[],
  compute: boolean,
): { plan: RowPlan; computed: Compiled[] } {
  const computed: Compiled[] = [];
  const segments: { source: number; ordinals: number[] }[] = [];
  for (const { value } of items) {
    const field = compute ? undefined : value.field;
    const source = field ? field.slot : -1;
    const ordinal = field ? field.ordinal : computed.push(value) - 1;
    const last = segments.at(-1);
    if (last?.source === source) last.ordinals.push(ordinal);
    else segments.push({ source, ordinals: [ordinal] });
  }
  return { plan: { columns, segments }, computed };
}

/** The plan of rows that are plain lists of values. */
export function plainPlan(columns: readonly ResultColumn[]): RowPlan {
  return { columns, segments: [{ source: -1, ordinals: columns.map((_, i) => i) }] };
}
