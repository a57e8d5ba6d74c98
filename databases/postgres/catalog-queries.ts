/*
 * Each query reads one kind of object for all user schemas at once. $1 = schema names, or NULL for all of them;
 * $2 = names of tables (or, for routines, of routines), or NULL. Nothing is spliced into the text.
 */

const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1::text[] IS NULL OR n.nspname = ANY ($1))`;

/** One row: schemas with owner and rights, and which tables of the management schema are there. */
export const SCHEMAS = `
SELECT coalesce((SELECT json_agg(json_build_object('schema', n.nspname, 'owner', pg_get_userbyid(n.nspowner), 'acl', coalesce(n.nspacl::text[], '{}')))
    FROM pg_namespace AS n WHERE ${OURS} AND $2::text[] IS NULL), '[]') AS schemas,
  to_regclass('cdc_management.merge_control') IS NOT NULL AS control,
  to_regclass('cdc_management.component_version') IS NOT NULL AS version`;

/**
 * Tables and views, with the text of three JSON arrays: columns [name, type, not null, default or null, generated],
 * indexes [name, primary, unique, usable, [column, ...]] whose expressions are empty names, and triggers that users made
 * [name, enabled, type, schema of the function, function]; `enabled` is `O` when the trigger fires as usual.
 */
export const RELATIONS = `
SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
  pg_get_userbyid(c.relowner) AS owner, to_json(coalesce(c.relacl::text[], '{}'))::text AS acl,
  CASE WHEN c.relkind = 'v' THEN md5(pg_get_viewdef(c.oid)) END AS fingerprint,
  (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            CASE WHEN a.atthasdef THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
            a.attidentity <> '' OR a.attgenerated <> '') ORDER BY a.attnum)::text
   FROM pg_attribute AS a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  CASE WHEN c.relhasindex THEN
    (SELECT json_agg(json_build_array(ic.relname, i.indisprimary, i.indisunique, i.indisvalid AND i.indpred IS NULL,
        (SELECT json_agg(coalesce(a.attname::text, '') ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
         LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE k.place <= i.indnkeyatts)) ORDER BY ic.relname)::text
     FROM pg_index AS i JOIN pg_class AS ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid) END AS indexes,
  CASE WHEN c.relhastriggers THEN
    (SELECT json_agg(json_build_array(t.tgname, t.tgenabled, t.tgtype, fn.nspname, f.proname) ORDER BY t.tgname)::text
     FROM pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid JOIN pg_namespace AS fn ON fn.oid = f.pronamespace
     WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) END AS triggers
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OURS} AND ($2::text[] IS NULL OR c.relname = ANY ($2))`;

/** Functions and procedures with the hash of their body and of the whole definition. */
export const ROUTINES = `
SELECT n.nspname AS schema, p.proname AS name, p.prokind AS kind, p.prosecdef AS definer,
  pg_get_userbyid(p.proowner) AS owner, to_json(coalesce(p.proacl::text[], '{}'))::text AS acl, p.proacl IS NULL AS "publicMayExecute",
  pg_get_function_identity_arguments(p.oid) AS arguments,
  encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') AS "bodyHash",
  to_json(coalesce(p.proconfig, '{}'))::text AS settings,
  CASE WHEN n.nspname = 'cdc_management' THEN md5(pg_get_functiondef(p.oid)) END AS fingerprint
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND ${OURS} AND ($2::text[] IS NULL OR p.proname = ANY ($2))
  AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')`;

/** Rows of the tables that the merge knows; only to be asked when merge_control is there. */
export const MERGE_CONTROL = `
SELECT schema_name AS schema, table_name AS name, staging_name AS staging, procedure_name AS procedure, md5(shape::text) AS "shapeHash"
FROM cdc_management.merge_control
WHERE unregistered_at IS NULL AND ($1::text[] IS NULL OR schema_name = ANY ($1))`;

/** What the management schema says of itself, whatever version made it; only to be asked when component_version is there. */
export const MANAGEMENT = `
SELECT to_jsonb(v) AS version FROM cdc_management.component_version AS v WHERE v.component = 'cdc_management'`;
