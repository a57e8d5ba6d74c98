import { sql, type Sql } from "../sql";

/** Whether change data capture is on in the current database: one row, if the database is there. */
export const DATABASE_STATE: Sql = sql`SELECT is_cdc_enabled FROM sys.databases WHERE name = DB_NAME()`;

/** All capture instances of the current database with their columns, a row for each; needs change data capture on. */
export const INSTANCES: Sql = sql`SELECT t.object_id, t.capture_instance,
  OBJECT_SCHEMA_NAME(t.source_object_id) AS source_schema, OBJECT_NAME(t.source_object_id) AS source_table,
  CONVERT(nvarchar(23), t.create_date, 121) AS created, t.supports_net_changes, t.has_drop_pending, t.role_name, c.column_name
FROM cdc.change_tables AS t
LEFT JOIN cdc.captured_columns AS c ON c.object_id = t.object_id
ORDER BY t.object_id, c.column_ordinal`;

/** Columns of the table `@schema`.`@table`; none when it isn't there. */
export const TABLE_COLUMNS: Sql = sql`SELECT c.name, c.is_computed FROM sys.columns AS c
JOIN sys.tables AS t ON t.object_id = c.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = @schema AND t.name = @table ORDER BY c.column_id`;

/** Tables of users in the current database. */
export const TABLE_NAMES: Sql = sql`SELECT s.name AS schema_name, t.name AS table_name FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name`;

/** Where the changes of the instance `@instance` begin; NULL until the capture has run once. */
export const INSTANCE_START: Sql = sql`SELECT start_lsn FROM cdc.change_tables WHERE capture_instance = @instance`;

/** State of the agent that runs the capture; no row where there is none or it can't be seen. */
export const AGENT_STATE: Sql = sql`SELECT status_desc FROM sys.dm_server_services WHERE servicename LIKE N'SQL Server Agent%'`;
