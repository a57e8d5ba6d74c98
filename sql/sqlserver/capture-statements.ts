import type { Lsn } from "../../model/lsn";
import { joinSql, sql, type Sql } from "../sql";
import { bracketedName, nText } from "./quote";

/** Schema of everything that change data capture keeps. */
const CDC = "cdc";

/** The change table of a capture instance. */
export function changeTable(instance: string): Sql {
  return bracketedName(CDC, `${instance}_CT`);
}

/** An LSN as a parameter's bytes. */
export function lsnBytes(lsn: Lsn): Buffer {
  return Buffer.from(lsn, "hex");
}

/**
 * A datetime column of `cdc.lsn_time_mapping`, which has the server's wall clock, in UTC. The server's offset is the one
 * of now.
 */
export function utcMoment(column: string): Sql {
  return sql`DATEADD(minute, -DATEPART(tzoffset, SYSDATETIMEOFFSET()), ${column as Sql})`;
}

/** The same as text: `2026-11-21 06:31:26.123`. */
export function utcText(column: string): Sql {
  return sql`CONVERT(nvarchar(23), ${utcMoment(column)}, 121)`;
}

/**
 * Names of the captured tables, and how many of each instance's columns have another name than when it was made. Renames
 * aren't in the history of definitions.
 */
export const SOURCE_NAMES: Sql = sql`SELECT t.object_id, OBJECT_SCHEMA_NAME(t.source_object_id) AS source_schema,
  OBJECT_NAME(t.source_object_id) AS source_table, CONVERT(nvarchar(23), o.modify_date, 121) AS modified, r.renamed
FROM cdc.change_tables AS t
LEFT JOIN sys.objects AS o ON o.object_id = t.source_object_id
LEFT JOIN (
  SELECT c.object_id, COUNT(*) AS renamed FROM cdc.captured_columns AS c
  JOIN cdc.change_tables AS d ON d.object_id = c.object_id
  LEFT JOIN sys.columns AS s ON s.object_id = d.source_object_id AND s.column_id = c.column_id
  WHERE s.name IS NULL OR ${bytesOf("s.name")} <> ${bytesOf("c.column_name")}
  GROUP BY c.object_id
) AS r ON r.object_id = t.object_id
ORDER BY t.object_id`;

/**
 * All that a reader must know before each read, in one batch. First one row: the newest LSN; the end of
 * the next window of at most `@limit` transactions behind `@position`, and what it holds; the newest mapping at or
 * before `@position`; marks by which a change of the capture itself is noticed. Then the capture
 * instances, the older one of a table first.
 * The window comes before the instances and their history, so these are at least as new as it.
 * {@link SOURCE_NAMES} with `@names`, since it asks the catalogue, which is slower than all the rest.
 */
export const POLL: Sql = sql`DECLARE @max binary(10) = sys.fn_cdc_get_max_lsn(), @anchor binary(10) = @position;
DECLARE @end binary(10), @transactions int, @oldest datetime;
SELECT @end = MAX(n.start_lsn), @transactions = SUM(CASE WHEN n.tran_id <> 0x00 THEN 1 ELSE 0 END),
  @oldest = MIN(CASE WHEN n.tran_id <> 0x00 THEN n.tran_end_time END)
FROM (
  SELECT TOP (@limit) m.start_lsn, m.tran_id, m.tran_end_time FROM cdc.lsn_time_mapping AS m
  WHERE m.start_lsn > @position AND m.start_lsn <= @max ORDER BY m.start_lsn
) AS n;
IF NOT EXISTS (SELECT 1 FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn = @position)
  SET @anchor = (
    SELECT TOP (1) m.start_lsn FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn < @position ORDER BY m.start_lsn DESC
  );
SELECT @max AS max_lsn, @end AS end_lsn, @transactions AS transactions, ${utcText("@oldest")} AS oldest_time,
  ${timeOf("@end")} AS end_time, ${timeOf("@anchor")} AS anchor_time;
SELECT t.object_id, t.capture_instance, t.start_lsn, t.source_object_id,
  CONVERT(nvarchar(23), t.create_date, 121) AS created, h.ddl_events, h.last_ddl
FROM cdc.change_tables AS t
LEFT JOIN (
  SELECT d.object_id, COUNT(*) AS ddl_events, MAX(d.ddl_lsn) AS last_ddl FROM cdc.ddl_history AS d GROUP BY d.object_id
) AS h ON h.object_id = t.object_id
ORDER BY t.create_date, t.object_id;
IF @names = 1 ${SOURCE_NAMES}`;

/** Columns of all capture instances in the order of their masks, with the types of change table and source as they are now. */
export const CAPTURED_COLUMNS: Sql = sql`SELECT t.capture_instance, c.column_ordinal, c.column_name, s.name AS source_name,
  ${typeName("k")} AS type_name, k.max_length, k.precision, k.scale,
  ${typeName("s")} AS source_type_name, s.max_length AS source_max_length, s.precision AS source_precision, s.scale AS source_scale,
  s.is_nullable AS source_is_nullable
FROM cdc.change_tables AS t
JOIN cdc.captured_columns AS c ON c.object_id = t.object_id
JOIN sys.columns AS k ON k.object_id = t.object_id AND ${bytesOf("k.name")} = ${bytesOf("c.column_name")}
LEFT JOIN sys.columns AS s ON s.object_id = t.source_object_id AND s.column_id = c.column_id
WHERE c.is_computed = 0
ORDER BY t.object_id, c.column_ordinal`;

/** Columns of captured tables that an instance leaves out, with whether they are computed. */
export const UNCAPTURED_COLUMNS: Sql = sql`SELECT t.capture_instance, s.name AS column_name, s.is_computed
FROM cdc.change_tables AS t
JOIN sys.columns AS s ON s.object_id = t.source_object_id
LEFT JOIN cdc.captured_columns AS c ON c.object_id = t.object_id AND c.column_id = s.column_id AND c.is_computed = 0
WHERE c.column_id IS NULL
ORDER BY t.object_id, s.column_id`;

/** The definition's changes of all captured tables, in the order of the log. */
export const DDL_HISTORY: Sql = sql`SELECT DISTINCT h.ddl_lsn, OBJECT_SCHEMA_NAME(t.source_object_id) AS source_schema,
  OBJECT_NAME(t.source_object_id) AS source_table, CAST(h.ddl_command AS nvarchar(4000)) AS command
FROM cdc.ddl_history AS h
JOIN cdc.change_tables AS t ON t.object_id = h.object_id
ORDER BY h.ddl_lsn`;

/** Lowest LSN of every capture instance. */
export const START_LSNS: Sql = sql`SELECT t.capture_instance, t.start_lsn FROM cdc.change_tables AS t`;

/** The last mapping in (`@position`, `@below`), and the transactions up to it. */
export const WINDOW_BELOW: Sql = sql`DECLARE @end binary(10), @transactions int;
SELECT @end = MAX(m.start_lsn), @transactions = SUM(CASE WHEN m.tran_id <> 0x00 THEN 1 ELSE 0 END)
FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn > @position AND m.start_lsn < @below;
SELECT @end AS end_lsn, @transactions AS transactions, ${timeOf("@end")} AS end_time`;

/** Names of those instances that have changes in (`@after`, `@upto`]. */
export function changedInstances(instances: readonly string[]): Sql {
  const probes = instances.map(
    (name) =>
      sql`SELECT ${nText(name)} AS instance WHERE EXISTS (SELECT 1 FROM ${changeTable(name)} AS c WHERE c.__$start_lsn > @after AND c.__$start_lsn <= @upto)`,
  );
  return joinSql(probes, "\nUNION ALL\n");
}

function timeOf(variable: string): Sql {
  return sql`(SELECT ${utcText("m.tran_end_time")} FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn = ${variable as Sql})`;
}

/** A name's bytes: those of the catalogue and those of the capture may have collations that can't be compared. */
function bytesOf(name: string): Sql {
  return sql`CAST(${name as Sql} AS varbinary(256))`;
}

/** Built-in type of a column; alias types are told by what they stand for, the types of the CLR by their own name. */
function typeName(column: string): Sql {
  const name = column as Sql;
  return sql`CASE WHEN ${name}.system_type_id = 240 THEN TYPE_NAME(${name}.user_type_id) ELSE TYPE_NAME(${name}.system_type_id) END`;
}
