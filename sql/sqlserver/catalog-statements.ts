import type { Sql } from "../sql";

/** One row: name and collation of the database, and whether the login may see every definition in it. */
export const DATABASE_QUERY = `SELECT DB_NAME() AS database_name,
  CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation')) AS collation_name,
  HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DEFINITION') AS sees_definitions` as Sql;

/** The columns of all tables of users, table by table, in table order. */
export const COLUMNS_QUERY = `SELECT t.object_id AS table_id, s.name AS schema_name, t.name AS table_name,
  c.column_id, c.name AS column_name, u.name AS type_name, us.name AS type_schema, b.name AS base_type,
  u.is_user_defined, u.is_assembly_type, c.max_length, c.precision, c.scale, c.collation_name,
  c.is_nullable, c.is_identity, c.is_computed, k.definition AS computed_as, d.definition AS default_as
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
JOIN sys.types AS u ON u.user_type_id = c.user_type_id
LEFT JOIN sys.schemas AS us ON us.schema_id = u.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
LEFT JOIN sys.computed_columns AS k ON k.object_id = c.object_id AND k.column_id = c.column_id
LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, c.column_id` as Sql;

/** The columns of primary keys and of unique indexes and constraints over all rows, in key order. */
export const KEYS_QUERY = `SELECT i.object_id AS table_id, i.name AS index_name, i.is_primary_key, ic.column_id
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
WHERE t.is_ms_shipped = 0 AND i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0
  AND i.has_filter = 0 AND ic.key_ordinal > 0
ORDER BY i.object_id, i.index_id, ic.key_ordinal` as Sql;

/** MS_Description of tables (column_id 0) and columns. */
export const DESCRIPTIONS_QUERY = `SELECT p.major_id AS table_id, p.minor_id AS column_id,
  CONVERT(nvarchar(max), p.value) AS description
FROM sys.extended_properties AS p
JOIN sys.tables AS t ON t.object_id = p.major_id
WHERE p.class = 1 AND p.name = N'MS_Description' AND t.is_ms_shipped = 0` as Sql;
