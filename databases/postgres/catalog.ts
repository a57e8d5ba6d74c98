import type { ClientBase, PoolClient } from "pg";
import { canonicalType } from "../../model/sink-type";
import { MANAGEMENT, MERGE_CONTROL, RELATIONS, ROUTINES, SCHEMAS } from "./catalog-queries";
import {
  nameKey,
  type Catalog,
  type CatalogColumn,
  type CatalogManagement,
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
  /** Only these tables (and no routines, unless `routine` is given). */
  readonly table?: string | readonly string[];
  /** Only this routine and the merge control rows of its schema. */
  readonly routine?: string;
}

const KINDS = { r: "table", p: "partitioned", v: "view", m: "materialized", f: "foreign" } as const;

interface RelationRow {
  readonly schema: string;
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly persistence: string;
  readonly owner: string;
  readonly fingerprint: string | null;
  // JSON texts: tables of many customers have equal ones, which are read once.
  readonly acl: string;
  readonly columns: string | null;
  readonly indexes: string | null;
  readonly triggers: string | null;
}

interface SchemasRow {
  readonly schemas: readonly { readonly schema: string; readonly owner: string; readonly acl: readonly string[] }[];
  readonly control: boolean;
  readonly version: boolean;
}

type RoutineRow = Omit<CatalogRoutine, "kind" | "fingerprint" | "acl" | "settings"> & {
  readonly kind: "f" | "p";
  readonly acl: string;
  readonly settings: string;
  readonly fingerprint: string | null;
};

interface Rows {
  readonly schemas: SchemasRow["schemas"];
  readonly relations: readonly RelationRow[];
  readonly routines: readonly RoutineRow[];
  readonly mergeControl: readonly CatalogMergeControl[];
  readonly management: CatalogManagement | undefined;
}

/**
 * Reads the database's catalogue in one consistent pass of at most five set queries, however many objects there are.
 * @throws CdcError when the database cannot be read.
 */
export async function readCatalog(config: PgConfig, filter: CatalogFilter = {}): Promise<Catalog> {
  let client: PoolClient | undefined;
  try {
    client = await poolFor(config).connect();
    // One snapshot, and names spelled in full whatever the user's search_path is.
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog, public");
    const catalog = await catalogOn(client, filter);
    await client.query("COMMIT");
    client.release();
    return catalog;
  } catch (error) {
    client?.release(true);
    throw toCdcError(error, config, "catalogue");
  }
}

/** The catalogue as the transaction under way on this connection sees it. */
export async function catalogOn(client: ClientBase, filter: CatalogFilter = {}): Promise<Catalog> {
  counters.catalogReads += 1;
  return assemble(await readRows(client, filter));
}

async function readRows(client: ClientBase, filter: CatalogFilter): Promise<Rows> {
  const schemas = filter.schema === undefined ? null : [filter.schema];
  const ask = async <R>(wanted: boolean, text: string, ...params: (readonly string[] | null)[]): Promise<R[]> => {
    if (!wanted) return [];
    counters.catalogQueries += 1;
    return (await client.query(text, params)).rows as R[];
  };
  const table = typeof filter.table === "string" ? [filter.table] : filter.table;
  const routine = filter.routine === undefined ? undefined : [filter.routine];
  const [first] = await ask<SchemasRow>(true, SCHEMAS, schemas, table ?? routine ?? null);
  const routines = routine !== undefined || table === undefined;
  const [management] = await ask<{ version: CatalogManagement }>(first?.version === true && routines, MANAGEMENT);
  return {
    schemas: first?.schemas ?? [],
    relations: await ask(table !== undefined || routine === undefined, RELATIONS, schemas, table ?? null),
    routines: await ask(routines, ROUTINES, schemas, routine ?? null),
    mergeControl: await ask(first?.control === true && routines, MERGE_CONTROL, schemas),
    management: management?.version,
  };
}

function assemble(rows: Rows): Catalog {
  const tables = new Map<string, CatalogTable>();
  const parts = partReaders();
  for (const row of rows.relations) {
    const at = nameKey(row.schema, row.name);
    tables.set(at, { ...tableOf(row), ...parts(row) });
  }
  return {
    schemas: new Map(
      rows.schemas.map(({ schema, owner, acl }): [string, CatalogSchema] => [schema, { name: schema, owner, acl }]),
    ),
    tables,
    routines: routinesByName(rows.routines),
    mergeControl: new Map(rows.mergeControl.map((row) => [nameKey(row.schema, row.name), row])),
    ...(rows.management === undefined ? {} : { management: rows.management }),
  };
}

type Parts = Pick<CatalogTable, "acl" | "columns" | "key" | "indexes" | "triggers">;

/** Reads the JSON texts, equal ones once: tables of equal shape share these lists, so that they can be told by identity. */
function partReaders(): (row: RelationRow) => Parts {
  const columns = remembered((text) => (JSON.parse(text) as ColumnRow[]).map(columnOf));
  const indexes = remembered((text) => indexesOf(JSON.parse(text) as IndexRow[]));
  const triggers = remembered((text) => (JSON.parse(text) as TriggerRow[]).map(triggerOf));
  const rights = remembered((text) => JSON.parse(text) as string[]);
  return (row) => ({
    acl: rights(row.acl),
    columns: columns(row.columns ?? "[]"),
    ...indexes(row.indexes ?? "[]"),
    triggers: triggers(row.triggers ?? "[]"),
  });
}

function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) known.set(text, (value = read(text)));
    return value;
  };
}

type IndexRow = readonly [name: string, primary: boolean, unique: boolean, usable: boolean, columns: readonly string[]];

function indexesOf(rows: readonly IndexRow[]): Pick<CatalogTable, "key" | "indexes"> {
  return {
    key: rows.find(([, primary]) => primary)?.[4] ?? [],
    indexes: rows
      .filter(([, primary]) => !primary)
      .map(([name, , unique, usable, columns]) => ({ name, unique, usable, columns })),
  };
}

type TriggerRow = readonly [name: string, enabled: string, type: number, schema: string, functionName: string];

function triggerOf([name, enabled, type, functionSchema, functionName]: TriggerRow): CatalogTrigger {
  return { name, enabled, type, functionSchema, functionName };
}

function tableOf(row: RelationRow): Omit<CatalogTable, keyof Parts> {
  const { schema, name, owner, fingerprint } = row;
  return {
    schema,
    name,
    kind: KINDS[row.kind],
    logged: row.persistence === "p",
    owner,
    ...(fingerprint === null ? {} : { fingerprint }),
  };
}

type ColumnRow = readonly [name: string, type: string, notNull: boolean, expression: string | null, generated: boolean];

function columnOf([name, type, notNull, expression, generated]: ColumnRow): CatalogColumn {
  const column = { name, type: shortType(type), notNull, generated };
  return expression === null ? column : { ...column, default: expression };
}

function routinesByName(rows: readonly RoutineRow[]): Map<string, CatalogRoutine[]> {
  const routines = new Map<string, CatalogRoutine[]>();
  const lists = remembered((text) => JSON.parse(text) as string[]);
  for (const row of rows) {
    const { fingerprint, kind, ...routine } = row;
    append(routines, nameKey(row.schema, row.name), {
      ...routine,
      acl: lists(row.acl),
      settings: lists(row.settings),
      kind: kind === "p" ? "procedure" : "function",
      ...(fingerprint === null ? {} : { fingerprint }),
    });
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
