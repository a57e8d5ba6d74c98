import type { TextRow } from "../../databases/sqlserver/run";
import { parseLsn } from "../../model/lsn";
import type { CapturedColumn, CaptureInstance, DdlEvent } from "./capture-instance";
import { isLarge, typeText } from "./catalog-type";
import { changeOf } from "./ddl-command";

/** What is kept of the capture from one poll to the next. */
export interface CaptureState {
  /** That of the poll after which the rest was read. */
  readonly fingerprint: string;
  /** Rows of CAPTURED_COLUMNS. */
  readonly columns: readonly TextRow[];
  readonly ddl: readonly DdlEvent[];
}

/** Differs when instances, definitions or names changed; not when cleanup raised an instance's lowest LSN. */
export function fingerprintOf(tables: readonly TextRow[]): string {
  return JSON.stringify(tables.map(({ start_lsn: _moves, ...rest }) => Object.values(rest)));
}

/** Instances of a poll. One that has no lowest LSN yet, or no columns any more, is left out until the next poll. */
export function instancesOf(tables: readonly TextRow[], state: CaptureState): CaptureInstance[] {
  return tables.flatMap((row) => {
    const name = row["capture_instance"] ?? "";
    const startLsn = parseLsn(row["start_lsn"] ?? "");
    const [schema, table] = [row["source_schema"] ?? "", row["source_table"] ?? ""];
    const ddl = state.ddl.filter((event) => event.schema === schema && event.table === table);
    const columns = state.columns.filter((column) => column["capture_instance"] === name);
    if (startLsn === undefined || columns.length === 0) return [];
    return [{ name, schema, table, startLsn, columns: columns.map((column) => columnOf(column, ddl)) }];
  });
}

export function parseDdl(rows: readonly TextRow[]): DdlEvent[] {
  return rows.flatMap((row) => {
    const lsn = parseLsn(row["ddl_lsn"] ?? "");
    const [schema, table] = [row["source_schema"] ?? "", row["source_table"] ?? ""];
    return lsn === undefined ? [] : [{ lsn, schema, table, command: (row["command"] ?? "").trim() }];
  });
}

function columnOf(row: TextRow, ddl: readonly DdlEvent[]): CapturedColumn {
  const name = row["column_name"] ?? "";
  const sourceName = row["source_name"] ?? undefined;
  const captured = typeText(row, "");
  const type = sourceName === undefined ? captured : typeText(row, "source_");
  const altered = ddl.some(({ command }) => changeOf(command).altered.includes((sourceName ?? name).toLowerCase()));
  const wasLarge = !isLarge(type) && (altered || isLarge(captured));
  return { name, sourceName, ordinal: Number(row["column_ordinal"]), type, ...(wasLarge ? { wasLarge } : {}) };
}
