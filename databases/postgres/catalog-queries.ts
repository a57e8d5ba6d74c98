/*
 * Each query reads one kind of object for all user schemas at once. $1 = schema names, or NULL for all of them;
 * $2 = name of a table (or, for routines, of a routine), or NULL. Nothing is spliced into the text.
 */

const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1::text[] IS NULL OR n.nspname = ANY ($1))`;

/** Schemas: owner, rights. */
export const SCHEMAS = `
SELECT n.nspname AS schema, pg_get_userbyid(n.nspowner) AS owner, coalesce(n.nspacl::text[], '{}') AS acl
FROM pg_namespace AS n
WHERE ${OURS} AND $2::text IS NULL`;

/** Tables and views with their columns as JSON arrays [name, type, not null, default or null]. */
export const RELATIONS = `
SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
  pg_get_userbyid(c.relowner) AS owner, coalesce(c.relacl::text[], '{}') AS acl,
  CASE WHEN c.relkind = 'v' THEN md5(pg_get_viewdef(c.oid)) END AS fingerprint,
  (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '' OR a.attgenerated <> '')
            ORDER BY a.attnum)
   FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OURS} AND ($2::text IS NULL OR c.relname = $2)`;

/** Indexes: their plain columns in order (an expression is an empty name). */
export const INDEXES = `
SELECT n.nspname AS schema, c.relname AS table, ic.relname AS name, i.indisprimary AS "primary", i.indisunique AS "unique",
  i.indisvalid AND i.indpred IS NULL AS usable,
  ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS columns
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid
JOIN pg_class AS ic ON ic.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND ${OURS} AND ($2::text IS NULL OR c.relname = $2)`;

/** Functions and procedures with the hash of their body and of the whole definition. */
export const ROUTINES = `
SELECT n.nspname AS schema, p.proname AS name, p.prokind AS kind, p.prosecdef AS definer,
  pg_get_userbyid(p.proowner) AS owner, coalesce(p.proacl::text[], '{}') AS acl, p.proacl IS NULL AS "publicMayExecute",
  pg_get_function_identity_arguments(p.oid) AS arguments,
  encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') AS "bodyHash",
  coalesce(p.proconfig, '{}') AS settings,
  md5(pg_get_functiondef(p.oid)) AS fingerprint
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND ${OURS} AND ($2::text IS NULL OR p.proname = $2)
  AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')`;

/** Triggers that users made; `enabled` is `O` when the trigger fires as usual. */
export const TRIGGERS = `
SELECT n.nspname AS schema, c.relname AS table, t.tgname AS name, t.tgenabled AS enabled, t.tgtype AS type,
  fn.nspname AS "functionSchema", f.proname AS "functionName"
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_proc AS f ON f.oid = t.tgfoid
JOIN pg_namespace AS fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal AND ${OURS} AND ($2::text IS NULL OR c.relname = $2)`;

/** Rows of the tables that the merge knows; only to be asked when merge_control is there. */
export const MERGE_CONTROL = `
SELECT schema_name AS schema, table_name AS name, staging_name AS staging, procedure_name AS procedure, md5(shape::text) AS "shapeHash"
FROM cdc_management.merge_control
WHERE unregistered_at IS NULL AND ($1::text[] IS NULL OR schema_name = ANY ($1)) AND ($2::text IS NULL OR table_name = $2)`;

/** Whether {@link MERGE_CONTROL} can be asked. */
export const HAS_MERGE_CONTROL = `SELECT to_regclass('cdc_management.merge_control') IS NOT NULL AS there`;
