import { CdcError } from "../../lib/errors";
import type { Lsn } from "../../model/lsn";
import type { ShapeColumn, TableShape } from "../../model/table-shape";
import { classifyTypeChange } from "../../model/type-change";
import { mapType } from "../../model/type-mapping";
import type { StreamProblem } from "../stream-events";
import type { CapturedColumn, CaptureInstance, DdlEvent } from "./capture-instance";
import { changeOf, nullsAfter } from "./ddl-command";
import { columnsSince, matchColumns } from "./match-columns";

/** What changed at a source table since its sink table was deployed. */
export interface Drift {
  /** Why the table can't be read on. */
  readonly stop?: {
    readonly problem: StreamProblem;
    /** First LSN that must not be read; everything before it still may. Absent: nothing more may be read. */
    readonly at?: Lsn;
  };
  /** Things that a deployment would take up, in a stable wording: tell each once. */
  readonly warnings: readonly StreamProblem[];
}

interface Stop {
  readonly text: string;
  readonly at: Lsn | undefined;
}

const PLAN =
  "Run `cdc manage-services resources --inspect --save`, look at `cdc preview`, then `cdc up`; the table goes on by itself after that.";

/**
 * Compares a deployed table with its capture instance as it is now.
 * @param ddl Changes of definitions, in the order of the log; those up to the position are behind us.
 * @param next The instance that will be read after this one: what it captures need not be captured by this one.
 */
export function driftOf(
  shape: TableShape,
  instance: CaptureInstance,
  ddl: readonly DdlEvent[],
  position: Lsn,
  next?: CaptureInstance,
): Drift {
  const own = ddl.filter(({ schema, table }) => schema === instance.schema && table === instance.table);
  const ahead = own.filter(({ lsn }) => lsn > position);
  const matched = matchColumns(shape, instance);
  const later = next === undefined ? [] : columnsSince(shape, instance, next);
  const pairs = shape.columns.flatMap((column) => {
    const captured = column.source === undefined ? undefined : matched.columns.get(column.source);
    return captured === undefined || later.includes(column.source ?? "") ? [] : [{ column, captured }];
  });
  const stops = [
    ...unclear(matched.ambiguous, "was renamed, and another column has its name now"),
    ...unclear(
      matched.unknown.filter((name) => !later.includes(name)),
      "is not there",
    ),
    ...pairs.flatMap(({ column, captured }) => dropped(column, captured, own, position)),
    ...pairs.flatMap(({ column, captured }) => altered(column, captured, ahead)),
    ...pairs.flatMap(({ column, captured }) => relaxed(column, captured, ahead)),
  ];
  const warnings = [...renamed(shape, instance, pairs), ...added(shape, instance, ahead)];
  const [first] = stops.sort((one, other) => compare(one.at ?? "", other.at ?? ""));
  if (first === undefined) return { warnings };
  const problem = drift(shape, stops.map(({ text }) => text).join("; "), PLAN);
  return { stop: first.at === undefined ? { problem } : { problem, at: first.at }, warnings };
}

interface Pair {
  readonly column: ShapeColumn;
  readonly captured: CapturedColumn;
}

function unclear(names: readonly string[], what: string): Stop[] {
  return names.map((name) => ({ text: `column ${name} ${what}`, at: undefined }));
}

/** From the drop on, change tables have NULL. When it is unsure which drop it was, nothing more is read. */
function dropped(
  { name, source }: ShapeColumn,
  captured: CapturedColumn,
  own: readonly DdlEvent[],
  position: Lsn,
): Stop[] {
  if (captured.sourceName !== undefined) return [];
  const first = own.find(({ command }) => changeOf(command).dropped.includes(captured.name.toLowerCase()));
  const at = first === undefined || first.lsn <= position ? undefined : first.lsn;
  return [{ text: `column ${source ?? name} was dropped`, at }];
}

function altered({ name, type, nullable }: ShapeColumn, captured: CapturedColumn, ahead: readonly DdlEvent[]): Stop[] {
  const source = (captured.sourceName ?? captured.name).toLowerCase();
  const change = ahead.find(({ command }) => changeOf(command).altered.includes(source));
  if (change === undefined) return [];
  const mapped = mapType(captured.type);
  const fits = ["same", "in-place", "rewrite"].includes(classifyTypeChange(mapped.type, type).kind);
  // A large value that an update leaves alone doesn't come, so a row may begin without it.
  if (fits && (nullable || !mapped.lob)) return [];
  return [
    {
      text: `column ${captured.name} became ${captured.type}, and ${name} is ${type}${nullable ? "" : " NOT NULL"} in the sink`,
      at: change.lsn,
    },
  ];
}

/** From there on rows may come that the sink refuses one by one. */
function relaxed({ name, nullable }: ShapeColumn, captured: CapturedColumn, ahead: readonly DdlEvent[]): Stop[] {
  const source = (captured.sourceName ?? captured.name).toLowerCase();
  if (nullable) return [];
  const change = ahead.find(({ command }) => {
    const nulls = changeOf(command).altered.includes(source) ? nullsAfter(command) : "kept";
    return nulls === "allowed" || (nulls === "unsaid" && captured.nullable === true);
  });
  if (change === undefined) return [];
  return [{ text: `column ${captured.name} may be NULL now, and ${name} is NOT NULL in the sink`, at: change.lsn }];
}

function renamed({ source }: TableShape, instance: CaptureInstance, pairs: readonly Pair[]): CdcError[] {
  const columns = pairs.flatMap(({ column, captured: { sourceName } }) =>
    sourceName === undefined || sourceName === column.source
      ? []
      : [`column ${column.source ?? ""} is ${sourceName} now`],
  );
  const isSame = source.schema === instance.schema && source.table === instance.table;
  const table = isSame ? [] : [`the table is ${instance.schema}.${instance.table} now`];
  return [...table, ...columns].map((text) =>
    drift({ source }, `${text}, and is read on under its old name`, `To take the new name over: ${PLAN}`),
  );
}

function added(shape: TableShape, instance: CaptureInstance, ahead: readonly DdlEvent[]): CdcError[] {
  const names = new Set(ahead.flatMap(({ command }) => changeOf(command).added));
  const isNew = (name: string): boolean =>
    names.has(name.toLowerCase()) && !shape.columns.some(({ source }) => source === name);
  const columns = (instance.uncaptured ?? []).filter(({ name, isComputed }) => !isComputed && isNew(name));
  return columns.map(({ name }) => drift(shape, `column ${name} is new, and isn't read yet`, `To take it up: ${PLAN}`));
}

function drift({ source }: Pick<TableShape, "source">, text: string, hint: string): CdcError {
  return new CdcError("CDC_SOURCE_DRIFT", `${source.schema}.${source.table}: ${text}`, { hint });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
