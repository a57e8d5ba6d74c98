import type { Column } from "../storage/column";
import type { Database } from "../storage/database";
import type { Table } from "../storage/table";
import { T, typeOf, varbinary, type SqlType } from "../values/sql-type";
import type { CapturedColumn } from "./state";

/** Columns in front of the captured ones. */
export const LEADING = ["__$start_lsn", "__$end_lsn", "__$seqval", "__$operation", "__$update_mask"] as const;

/** Positions in a row of a change table. */
export const AT = { startLsn: 0, endLsn: 1, seqval: 2, operation: 3, updateMask: 4, captured: 5 } as const;

/** Makes cdc.<instance>_CT: unique in the order of the changes. */
export function makeChangeTable(database: Database, instance: string, captured: readonly CapturedColumn[]): Table {
  const table = systemTable(database, `${instance}_CT`);
  const add = (name: string, type: SqlType, nullable: boolean) => {
    table.columns = [...table.columns, { id: table.nextColumnId(), name, type, nullable, identity: false }];
  };
  add("__$start_lsn", T.lsn, false);
  add("__$end_lsn", T.lsn, true);
  add("__$seqval", T.lsn, false);
  add("__$operation", T.int, false);
  add("__$update_mask", varbinary(128), true);
  for (const { name, column } of captured) add(name, capturedType(column.type), true);
  add("__$command_id", T.int, true);
  clusteredOn(table, `${instance}_CT_clustered_idx`, ["__$start_lsn", "__$command_id", "__$seqval", "__$operation"]);
  return table;
}

/** A rowversion is captured as the bytes that it had. */
export function capturedType(type: SqlType): SqlType {
  return type.name === "timestamp" ? typeOf("binary", 8) : type;
}

/** Makes cdc.lsn_time_mapping. */
export function makeTimeMapping(database: Database): Table {
  const table = systemTable(database, "lsn_time_mapping");
  const columns: readonly (readonly [string, SqlType, boolean])[] = [
    ["start_lsn", T.lsn, false],
    ["tran_begin_time", T.datetime, true],
    ["tran_end_time", T.datetime, true],
    ["tran_id", varbinary(10), true],
    ["tran_begin_lsn", T.lsn, true],
  ];
  table.columns = columns.map(([name, type, nullable]): Column => ({
    id: table.nextColumnId(),
    name,
    type,
    nullable,
    identity: false,
  }));
  clusteredOn(table, "lsn_time_mapping_clustered_idx", ["start_lsn"]);
  return table;
}

function systemTable(database: Database, name: string): Table {
  const schema = database.schema("cdc") ?? database.addSchema("cdc");
  const table = database.addTable(schema, name);
  table.msShipped = true;
  return table;
}

function clusteredOn(table: Table, name: string, keys: readonly string[]): void {
  const columns = keys.flatMap((key) => {
    const column = table.column(key);
    return column ? [{ column, descending: false }] : [];
  });
  table.addIndex({
    id: 1,
    name,
    unique: true,
    primaryKey: false,
    uniqueConstraint: false,
    clustered: true,
    columns,
    included: [],
  });
}
