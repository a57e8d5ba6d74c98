import type { TextRow } from "../../databases/sqlserver/run";
import { parseLsn } from "../../model/lsn";
import type { CapturedColumn, CaptureInstance, DdlEvent, UncapturedColumn } from "./capture-instance";
import { isLarge, typeText } from "./catalog-type";
import { changeOf } from "./ddl-command";

/** What is kept of the capture from one poll to the next. */
export interface CaptureState {
  /** That of the poll after which the rest was read. */
  readonly fingerprint: string;
  /** Rows of SOURCE_NAMES. */
  readonly names: readonly TextRow[];
  /** Rows of CAPTURED_COLUMNS. */
  readonly columns: readonly TextRow[];
  /** Rows of UNCAPTURED_COLUMNS. */
  readonly uncaptured: readonly TextRow[];
  readonly ddl: readonly DdlEvent[];
}

/** Differs when instances or definitions changed; not when cleanup raised an instance's lowest LSN. */
export function fingerprintOf(tables: readonly TextRow[]): string {
  return JSON.stringify(tables.map(({ start_lsn: _moves, ...rest }) => Object.values(rest)));
}

/** True when tables or columns are named otherwise than when the rest was read. */
export function areRenamed(state: CaptureState, names: readonly TextRow[]): boolean {
  return JSON.stringify(names) !== JSON.stringify(state.names);
}

/**
 * Instances of a poll, in its order. One that has no lowest LSN yet, or no columns any more, is left out until the next
 * poll; so is one whose table the login may not see: all of its columns would look as if they were dropped.
 */
export function instancesOf(tables: readonly TextRow[], state: CaptureState): CaptureInstance[] {
  return tables.flatMap((row) => {
    const name = row["capture_instance"] ?? "";
    const startLsn = parseLsn(row["start_lsn"] ?? "");
    const named = state.names.find((names) => names["object_id"] === row["object_id"]);
    const [schema, table] = [named?.["source_schema"] ?? "", named?.["source_table"] ?? ""];
    const ddl = state.ddl.filter((event) => event.schema === schema && event.table === table);
    const columns = ofInstance(name, state.columns).map((column) => columnOf(column, ddl));
    if (startLsn === undefined || columns.length === 0 || table === "") return [];
    const uncaptured = ofInstance(name, state.uncaptured).map(uncapturedOf);
    return [{ name, schema, table, startLsn, columns, uncaptured }];
  });
}

export function parseDdl(rows: readonly TextRow[]): DdlEvent[] {
  return rows.flatMap((row) => {
    const lsn = parseLsn(row["ddl_lsn"] ?? "");
    const [schema, table] = [row["source_schema"] ?? "", row["source_table"] ?? ""];
    return lsn === undefined ? [] : [{ lsn, schema, table, command: (row["command"] ?? "").trim() }];
  });
}

function ofInstance(name: string, rows: readonly TextRow[]): readonly TextRow[] {
  return rows.filter((row) => row["capture_instance"] === name);
}

function uncapturedOf(row: TextRow): UncapturedColumn {
  return { name: row["column_name"] ?? "", isComputed: row["is_computed"] === "1" };
}

function columnOf(row: TextRow, ddl: readonly DdlEvent[]): CapturedColumn {
  const name = row["column_name"] ?? "";
  const sourceName = row["source_name"] ?? undefined;
  const captured = typeText(row, "");
  const type = sourceName === undefined ? captured : typeText(row, "source_");
  const altered = ddl.some(({ command }) => changeOf(command).altered.includes((sourceName ?? name).toLowerCase()));
  const wasLarge = !isLarge(type) && (altered || isLarge(captured));
  const more = { ...(wasLarge ? { wasLarge } : {}), ...(row["source_is_nullable"] === "1" ? { nullable: true } : {}) };
  return { name, sourceName, ordinal: Number(row["column_ordinal"]), type, ...more };
}
