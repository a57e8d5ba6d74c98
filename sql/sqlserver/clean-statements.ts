import type { Lsn } from "../../model/lsn";
import { integer, sql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import { changeTable } from "./capture-statements";
import { nText } from "./quote";

/** Rows that one DELETE of a clean-up takes: the server's own default. */
const THRESHOLD = 5000;

/**
 * The first transaction of the last `@days` days, as the server's clock has them; the newest one when there is none so
 * young. NULL while nothing was ever captured.
 */
export const LOW_WATER: Sql = sql`SELECT COALESCE(
  sys.fn_cdc_map_time_to_lsn('smallest greater than or equal', DATEADD(day, -@days, GETDATE())),
  sys.fn_cdc_map_time_to_lsn('largest less than or equal', GETDATE())) AS low_water`;

/** Where the changes of every capture instance begin. */
export const STARTS: Sql = sql`SELECT capture_instance, OBJECT_SCHEMA_NAME(source_object_id) AS source_schema,
  OBJECT_NAME(source_object_id) AS source_table, start_lsn FROM cdc.change_tables ORDER BY capture_instance`;

/** Change rows of an instance before a mark. */
export function countBefore(instance: string, lowWater: Lsn): Sql {
  return sql`SELECT COUNT_BIG(*) AS rows_before FROM ${changeTable(instance)} WHERE __$start_lsn < ${binary(lowWater)}`;
}

/** Removes the change rows of an instance before a mark. */
export function cleanInstance(instance: string, lowWater: Lsn): Sql {
  return renderTemplate("mssql/clean-instance.sql", {
    instance: nText(instance),
    lowWater: binary(lowWater),
    threshold: integer(THRESHOLD),
  });
}

function binary(lsn: Lsn): Sql {
  return `0x${lsn}` as Sql;
}
