import { parseName } from "../../parse";
import type { Table } from "../../storage/table";
import { nvarchar, T, typeOf, isTypeName } from "../../values/sql-type";
import { as, type Value, type Variant } from "../../values/value";
import { maxLengthOf, TYPE_IDS } from "../../catalog/type-ids";
import { SYSTEM_OBJECTS, systemObjectId } from "../../catalog/system-objects";
import type { CaughtError, Context } from "../context";
import { SERVER_NAME } from "../globals";
import { reading, scalar, type FunctionTable } from "./builder";

const text = (value: Value | undefined) => as.text(value ?? "");

/** A text inside sql_variant. */
function variantOf(value: string | number | null): Variant | null {
  if (value === null) return null;
  return typeof value === "number" ? { base: T.int, value } : { base: nvarchar(128), value };
}

const SERVER_PROPERTIES: Readonly<Record<string, string | number | null>> = {
  productversion: "16.0.4135.4",
  productlevel: "RTM",
  productupdatelevel: "CU14",
  productmajorversion: "16",
  productminorversion: "0",
  productbuild: "4135",
  edition: "Developer Edition (64-bit)",
  editionid: -2_117_995_310,
  engineedition: 3,
  servername: SERVER_NAME,
  machinename: SERVER_NAME,
  instancename: null,
  collation: "SQL_Latin1_General_CP1_CI_AS",
  isclustered: 0,
  ishadrenabled: 0,
  isintegratedsecurityonly: 0,
  issingleuser: 0,
  licensetype: "DISABLED",
  processid: 1,
  isxtpsupported: 0,
  isfulltextinstalled: 0,
  sqlcharset: 1,
  sqlsortorder: 52,
  lcid: 1033,
};

const CONNECTION_PROPERTIES: Readonly<Record<string, string>> = {
  net_transport: "TCP",
  protocol_type: "TSQL",
  auth_scheme: "SQL",
  client_net_address: "127.0.0.1",
  local_net_address: "127.0.0.1",
};

function objectNamed(name: string, context: Context): { id: number } | undefined {
  try {
    const parts = parseName(name);
    const table = context.findTable(parts);
    if (table) return table;
    const system = systemObjectId(parts);
    return system === undefined ? undefined : { id: system };
  } catch {
    return undefined;
  }
}

function tableById(id: number, context: Context, database?: number): Table | undefined {
  const chosen =
    database === undefined ? context.database : context.instance.databases().find((db) => db.id === database);
  return chosen?.tableById(id);
}

function columnProperty([id, column, property]: readonly Value[], context: Context): Value {
  const table = tableById(Number(id), context);
  const found = table?.column(text(column));
  if (!table || !found) return null;
  switch (text(property).toLowerCase()) {
    case "isidentity":
      return found.identity ? 1 : 0;
    case "iscomputed":
      return found.computed ? 1 : 0;
    case "allowsnull":
      return found.nullable ? 1 : 0;
    case "columnid":
      return found.id;
    case "ordinal":
      return table.ordinalOf(found) + 1;
    case "precision":
      return found.type.precision;
    case "scale":
      return found.type.scale;
    case "charmaxlen":
      return found.type.length === 0 ? null : found.type.length;
    default:
      return null;
  }
}

function objectProperty([id, property]: readonly Value[], context: Context): Value {
  const table = tableById(Number(id), context);
  if (!table) return null;
  switch (text(property).toLowerCase()) {
    case "istable":
      return 1;
    case "isusertable":
      return table.msShipped ? 0 : 1;
    case "ismsshipped":
      return table.msShipped ? 1 : 0;
    case "tablehasprimarykey":
      return table.primaryKey ? 1 : 0;
    case "tablehasidentity":
      return table.identity ? 1 : 0;
    default:
      return null;
  }
}

function databaseProperty([name, property]: readonly Value[], context: Context): Value {
  const database = context.instance.database(text(name));
  if (!database) return null;
  const properties: Readonly<Record<string, string | number>> = {
    status: database.online ? "ONLINE" : "OFFLINE",
    collation: "SQL_Latin1_General_CP1_CI_AS",
    recovery: "FULL",
    updateability: "READ_WRITE",
    useraccess: "MULTI_USER",
    isautoclose: 0,
    edition: "Developer",
  };
  return variantOf(properties[text(property).toLowerCase()] ?? null);
}

const caught = (read: (error: CaughtError) => Value) => (context: Context) => {
  const error = context.session.caught.at(-1);
  return error ? read(error) : null;
};

/** Functions that tell of objects, the session and the server. */
export const METADATA_FUNCTIONS: FunctionTable = {
  OBJECT_ID: scalar(
    [nvarchar(1000), nvarchar(10)],
    T.int,
    ([name, kind], context) => {
      const found = objectNamed(text(name), context);
      if (!found) return null;
      const isTable = context.findTable(parseName(text(name))) !== undefined;
      const wanted = text(kind ?? (isTable ? "U" : ""))
        .trim()
        .toUpperCase();
      return isTable && wanted !== "U" ? null : found.id;
    },
    { min: 1 },
  ),
  OBJECT_NAME: scalar(
    [T.int, T.int],
    T.sysname,
    ([id, db], context) =>
      tableById(Number(id), context, db === undefined ? undefined : Number(db))?.name ??
      SYSTEM_OBJECTS.get(Number(id)) ??
      null,
    { min: 1 },
  ),
  OBJECT_SCHEMA_NAME: scalar(
    [T.int, T.int],
    T.sysname,
    ([id, db], context) =>
      tableById(Number(id), context, db === undefined ? undefined : Number(db))?.schema.name ?? null,
    { min: 1 },
  ),
  OBJECTPROPERTY: scalar([T.int, T.sysname], T.int, objectProperty),
  COLUMNPROPERTY: scalar([T.int, T.sysname, T.sysname], T.int, columnProperty),
  COL_NAME: scalar(
    [T.int, T.int],
    T.sysname,
    ([id, column], context) => tableById(Number(id), context)?.columns.find((c) => c.id === column)?.name ?? null,
  ),
  COL_LENGTH: scalar([nvarchar(1000), T.sysname], T.smallint, ([name, column], context) => {
    const found = context.findTable(parseName(text(name)))?.column(text(column));
    return found ? maxLengthOf(found.type) : null;
  }),
  SCHEMA_ID: scalar(
    [T.sysname],
    T.int,
    ([name], { database }) => database.schema(name === undefined ? "dbo" : text(name))?.id ?? null,
    { min: 0 },
  ),
  SCHEMA_NAME: scalar(
    [T.int],
    T.sysname,
    ([id], { database }) => [...database.schemas.values()].find((schema) => schema.id === (id ?? 1))?.name ?? null,
    { min: 0 },
  ),
  DB_ID: scalar(
    [T.sysname],
    T.smallint,
    ([name], context) => (name === undefined ? context.database : context.instance.database(text(name)))?.id ?? null,
    { min: 0 },
  ),
  DB_NAME: scalar(
    [T.int],
    T.sysname,
    ([id], context) =>
      (id === undefined ? context.database : context.instance.databases().find((db) => db.id === id))?.name ?? null,
    { min: 0 },
  ),
  ORIGINAL_DB_NAME: reading(T.sysname, ({ database }) => database.name),
  TYPE_NAME: scalar(
    [T.int],
    T.sysname,
    ([id]) => Object.entries(TYPE_IDS).find(([, type]) => type.user === id)?.[0] ?? null,
  ),
  TYPE_ID: scalar([T.sysname], T.int, ([name]) => (isTypeName(text(name)) ? TYPE_IDS[text(name) as "int"].user : null)),
  SERVERPROPERTY: scalar([T.sysname], T.variant, ([name]) =>
    variantOf(SERVER_PROPERTIES[text(name).toLowerCase()] ?? null),
  ),
  DATABASEPROPERTYEX: scalar([T.sysname, T.sysname], T.variant, databaseProperty),
  CONNECTIONPROPERTY: scalar([T.sysname], T.variant, ([name]) =>
    variantOf(CONNECTION_PROPERTIES[text(name).toLowerCase()] ?? null),
  ),
  IDENT_CURRENT: scalar([nvarchar(1000)], typeOf("numeric", 0, 38, 0), ([name], context) => {
    const identity = context.findTable(parseName(text(name)))?.identity;
    return identity ? (identity.last ?? identity.seed) : null;
  }),
  IDENT_SEED: scalar(
    [nvarchar(1000)],
    typeOf("numeric", 0, 38, 0),
    ([name], context) => context.findTable(parseName(text(name)))?.identity?.seed ?? null,
  ),
  IDENT_INCR: scalar(
    [nvarchar(1000)],
    typeOf("numeric", 0, 38, 0),
    ([name], context) => context.findTable(parseName(text(name)))?.identity?.increment ?? null,
  ),
  SCOPE_IDENTITY: reading(typeOf("numeric", 0, 38, 0), ({ session }) => session.scopeIdentity),
  ROWCOUNT_BIG: reading(T.bigint, ({ session }) => session.rowCount),
  XACT_STATE: reading(T.smallint, ({ session }) => session.transactionState()),
  ERROR_NUMBER: reading(
    T.int,
    caught(({ number }) => number),
  ),
  ERROR_MESSAGE: reading(
    nvarchar(4000),
    caught(({ message }) => message),
  ),
  ERROR_SEVERITY: reading(
    T.int,
    caught(({ severity }) => severity),
  ),
  ERROR_STATE: reading(
    T.int,
    caught(({ state }) => state),
  ),
  ERROR_LINE: reading(
    T.int,
    caught(({ line }) => line),
  ),
  ERROR_PROCEDURE: reading(
    T.sysname,
    caught(({ procedure }) => procedure || null),
  ),
  CURRENT_USER: reading(T.sysname, userOf),
  SESSION_USER: reading(T.sysname, userOf),
  USER: reading(T.sysname, userOf),
  SYSTEM_USER: reading(T.sysname, ({ session }) => session.login),
  USER_NAME: scalar([T.int], T.sysname, userOf, { min: 0 }),
  SUSER_SNAME: scalar([typeOf("varbinary", 85)], T.sysname, (_, { session }) => session.login, { min: 0 }),
  SUSER_NAME: scalar([T.int], T.sysname, (_, { session }) => session.login, { min: 0 }),
  ORIGINAL_LOGIN: reading(T.sysname, ({ session }) => session.login),
  USER_ID: scalar([T.sysname], T.int, () => 1, { min: 0 }),
  DATABASE_PRINCIPAL_ID: scalar(
    [T.sysname],
    T.int,
    ([name], { database }) =>
      name === undefined
        ? 1
        : (database.users.get(text(name).toLowerCase())?.id ?? (text(name).toLowerCase() === "dbo" ? 1 : null)),
    { min: 0 },
  ),
  HOST_NAME: reading(T.sysname, ({ session }) => session.host),
  APP_NAME: reading(T.sysname, ({ session }) => session.application),
  IS_SRVROLEMEMBER: scalar([T.sysname, T.sysname], T.int, () => 1, { min: 1 }),
  IS_MEMBER: scalar([T.sysname], T.int, ([role]) =>
    text(role).toLowerCase() === "db_owner" || text(role).toLowerCase() === "public" ? 1 : 0,
  ),
  IS_ROLEMEMBER: scalar([T.sysname, T.sysname], T.int, () => 1, { min: 1 }),
  HAS_DBACCESS: scalar([T.sysname], T.int, ([name], { instance }) => (instance.database(text(name)) ? 1 : null)),
  HAS_PERMS_BY_NAME: scalar(
    [T.sysname, T.sysname, T.sysname],
    T.int,
    ([, , permission], { database }) =>
      database.hidesDefinitions && text(permission).toLowerCase() === "view definition" ? 0 : 1,
    { withNulls: true },
  ),
  CONTEXT_INFO: reading(typeOf("varbinary", 128), ({ session }) => session.contextInfo),
  MIN_ACTIVE_ROWVERSION: reading(typeOf("binary", 8), ({ database }) => database.currentRowVersion()),
};

function userOf(): Value {
  return "dbo";
}
