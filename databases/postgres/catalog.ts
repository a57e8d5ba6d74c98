import type { PoolClient } from "pg";
import { canonicalType } from "../../model/sink-type";
import { HAS_MERGE_CONTROL, INDEXES, MERGE_CONTROL, RELATIONS, ROUTINES, SCHEMAS, TRIGGERS } from "./catalog-queries";
import {
  nameKey,
  type Catalog,
  type CatalogColumn,
  type CatalogIndex,
  type CatalogMergeControl,
  type CatalogRoutine,
  type CatalogSchema,
  type CatalogTable,
  type CatalogTrigger,
} from "./catalog-types";
import type { PgConfig } from "./config";
import { toCdcError } from "./errors";
import { poolFor } from "./pool";
import { counters } from "./run";

export * from "./catalog-types";

/** Limits what is read; without it everything in all user schemas is. */
export interface CatalogFilter {
  readonly schema?: string;
  /** Only this table (and no routines, unless `routine` is given). */
  readonly table?: string;
  /** Only this routine and the merge control row of its table. */
  readonly routine?: string;
}

const KINDS = { r: "table", p: "partitioned", v: "view", m: "materialized", f: "foreign" } as const;

interface RelationRow {
  readonly schema: string;
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly persistence: string;
  readonly owner: string;
  readonly acl: readonly string[];
  readonly fingerprint: string | null;
  readonly columns: readonly (readonly [string, string, boolean, string | null, boolean])[] | null;
}

type IndexRow = CatalogIndex & { readonly schema: string; readonly table: string; readonly primary: boolean };
type TriggerRow = CatalogTrigger & { readonly schema: string; readonly table: string };
type RoutineRow = Omit<CatalogRoutine, "kind"> & { readonly kind: "f" | "p" };

interface Rows {
  readonly schemas: readonly { readonly schema: string; readonly owner: string; readonly acl: readonly string[] }[];
  readonly relations: readonly RelationRow[];
  readonly indexes: readonly IndexRow[];
  readonly triggers: readonly TriggerRow[];
  readonly routines: readonly RoutineRow[];
  readonly mergeControl: readonly CatalogMergeControl[];
}

/**
 * Reads the database's catalogue in one consistent pass of at most seven set queries, however many objects there are.
 * @throws CdcError when the database cannot be read.
 */
export async function readCatalog(config: PgConfig, filter: CatalogFilter = {}): Promise<Catalog> {
  counters.catalogReads += 1;
  let client: PoolClient | undefined;
  try {
    client = await poolFor(config).connect();
    // One snapshot, and names spelled in full whatever the user's search_path is.
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog, public");
    const rows = await readRows(client, filter);
    await client.query("COMMIT");
    client.release();
    return assemble(rows);
  } catch (error) {
    client?.release(true);
    throw toCdcError(error, config, "catalogue");
  }
}

async function readRows(client: PoolClient, filter: CatalogFilter): Promise<Rows> {
  const schemas = filter.schema === undefined ? null : [filter.schema];
  const ask = async <R>(wanted: boolean, text: string, name: string | undefined): Promise<R[]> =>
    wanted ? ((await client.query(text, [schemas, name ?? null])).rows as R[]) : [];
  const { table, routine } = filter;
  const tables = table !== undefined || routine === undefined;
  const routines = routine !== undefined || table === undefined;
  return {
    schemas: await ask(true, SCHEMAS, table ?? routine),
    relations: await ask(tables, RELATIONS, table),
    indexes: await ask(tables, INDEXES, table),
    triggers: await ask(tables, TRIGGERS, table),
    routines: await ask(routines, ROUTINES, routine),
    mergeControl: await ask(routines && (await hasMergeControl(client)), MERGE_CONTROL, undefined),
  };
}

async function hasMergeControl(client: PoolClient): Promise<boolean> {
  const result = await client.query<{ there: boolean }>(HAS_MERGE_CONTROL);
  return result.rows[0]?.there === true;
}

function assemble(rows: Rows): Catalog {
  const keys = new Map<string, readonly string[]>();
  const indexes = new Map<string, CatalogIndex[]>();
  for (const { schema, table, primary, ...index } of rows.indexes) {
    if (primary) keys.set(nameKey(schema, table), index.columns);
    else append(indexes, nameKey(schema, table), index);
  }
  const triggers = new Map<string, CatalogTrigger[]>();
  for (const { schema, table, ...trigger } of rows.triggers) append(triggers, nameKey(schema, table), trigger);
  const tables = new Map<string, CatalogTable>();
  for (const row of rows.relations) {
    const at = nameKey(row.schema, row.name);
    const found = { key: keys.get(at) ?? [], indexes: indexes.get(at) ?? [], triggers: triggers.get(at) ?? [] };
    tables.set(at, { ...tableOf(row), ...found });
  }
  return {
    schemas: new Map(
      rows.schemas.map(({ schema, owner, acl }): [string, CatalogSchema] => [schema, { name: schema, owner, acl }]),
    ),
    tables,
    routines: routinesByName(rows.routines),
    mergeControl: new Map(rows.mergeControl.map((row) => [nameKey(row.schema, row.name), row])),
  };
}

function tableOf(row: RelationRow): Omit<CatalogTable, "key" | "indexes" | "triggers"> {
  const { schema, name, owner, acl, fingerprint } = row;
  return {
    schema,
    name,
    kind: KINDS[row.kind],
    logged: row.persistence === "p",
    owner,
    acl,
    ...(fingerprint === null ? {} : { fingerprint }),
    columns: (row.columns ?? []).map(columnOf),
  };
}

function columnOf([name, type, notNull, expression, generated]: readonly [
  string,
  string,
  boolean,
  string | null,
  boolean,
]): CatalogColumn {
  const column = { name, type: shortType(type), notNull, generated };
  return expression === null ? column : { ...column, default: expression };
}

function routinesByName(rows: readonly RoutineRow[]): Map<string, CatalogRoutine[]> {
  const routines = new Map<string, CatalogRoutine[]>();
  for (const row of rows) {
    append(routines, nameKey(row.schema, row.name), { ...row, kind: row.kind === "p" ? "procedure" : "function" });
  }
  return routines;
}

const spellings = new Map<string, string>();

/** The canonical spelling of what format_type() says; a type that isn't a plain one stays as it is. */
function shortType(text: string): string {
  const known = spellings.get(text);
  if (known !== undefined) return known;
  // A bare bpchar has no length limit; the canonical form of `char` has one.
  const short = text === "bpchar" ? text : (canonicalType(text) ?? text);
  spellings.set(text, short);
  return short;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
