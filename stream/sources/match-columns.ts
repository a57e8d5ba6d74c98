import type { TableShape } from "../../model/table-shape";
import type { CapturedColumn, CaptureInstance } from "./capture-instance";

/** Which columns of an instance bring the values that a table wants. */
export interface MatchedColumns {
  /** By name of the source column as the table's shape has it. */
  readonly columns: ReadonlyMap<string, CapturedColumn>;
  /** Wanted source columns that the instance doesn't capture though it could. */
  readonly missing: readonly string[];
  /** Wanted source columns that the table hasn't, as far as the server told. */
  readonly unknown: readonly string[];
  /** Wanted source columns for which renames left two candidates. */
  readonly ambiguous: readonly string[];
}

/**
 * Finds the wanted columns by name, also when they were renamed: an instance keeps the names of its first day, and the
 * shape has those of its last deployment, which may be before or after a rename. Computed columns are in no list.
 */
export function matchColumns(shape: TableShape, instance: CaptureInstance): MatchedColumns {
  const wanted = [...new Set(shape.columns.flatMap(({ source }) => source ?? []))];
  const columns = new Map<string, CapturedColumn>();
  const lists = { missing: [] as string[], unknown: [] as string[], ambiguous: [] as string[] };
  for (const name of wanted) {
    const found = candidate(name, wanted, instance);
    if (found === "computed") continue;
    if (typeof found === "string") lists[found].push(name);
    else columns.set(name, found);
  }
  return { columns, ...lists };
}

/**
 * Wanted source columns whose values the newer instance brings and the older one doesn't: what it lacks must be copied
 * from the table after the move.
 */
export function columnsSince(shape: TableShape, older: CaptureInstance, newer: CaptureInstance): readonly string[] {
  const before = matchColumns(shape, older).columns;
  const after = [...matchColumns(shape, newer).columns];
  return after.flatMap(([name, { sourceName }]) =>
    sourceName !== undefined && before.get(name)?.sourceName === undefined ? [name] : [],
  );
}

type Found = CapturedColumn | "missing" | "unknown" | "ambiguous" | "computed";

function candidate(name: string, wanted: readonly string[], { columns, uncaptured }: CaptureInstance): Found {
  const atFirst = columns.find((column) => column.name === name);
  const atPresent = columns.find((column) => column.sourceName === name);
  if (atFirst === undefined || atFirst === atPresent) return atPresent ?? absent(name, uncaptured);
  if (atPresent !== undefined) return "ambiguous";
  const { sourceName } = atFirst;
  // A dropped column has no successor: what the shape means is what was captured.
  if (sourceName === undefined) return atFirst;
  // Renamed, and the shape knows the new name for it: the old name means another column.
  if (wanted.includes(sourceName)) return absent(name, uncaptured);
  return uncaptured?.some((column) => column.name === name) === true ? "ambiguous" : atFirst;
}

function absent(name: string, uncaptured: CaptureInstance["uncaptured"]): Found {
  const column = uncaptured?.find((one) => one.name === name);
  if (column === undefined) return uncaptured === undefined ? "missing" : "unknown";
  return column.isComputed ? "computed" : "missing";
}
