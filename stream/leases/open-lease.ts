import type { ConnectionSettings as PgSettings } from "../../databases/postgres/connection-settings";
import type { ConnectionSettings as MsSqlSettings } from "../../databases/sqlserver/connection-settings";
import { CdcError } from "../../lib/errors";
import { acquireLease, LEASE_TTL_MS, type AcquireOptions } from "./acquire-lease";
import type { Lease, LeaseBackend } from "./lease";

/** Where the lease of a task is kept. Holds secrets: never print it. */
export type LeaseSettings =
  | { readonly type: "file"; readonly ttl_s?: number }
  | ({ readonly type: "postgres"; readonly ttl_s?: number } & PostgresPlace)
  | ({ readonly type: "sqlserver"; readonly ttl_s?: number } & SqlServerPlace)
  | ({ readonly type: "blob"; readonly ttl_s?: number } & BlobPlace);

/** A database with the schema `cdc_management`. */
type PostgresPlace = PgSettings;

interface SqlServerPlace extends MsSqlSettings {
  /** `clock`: fencing tokens come from the server's clock; else from a table, `dbo.cdc_lease_tokens` unless told otherwise. */
  readonly token?: "table" | "clock";
  readonly token_table?: string;
}

interface BlobPlace {
  readonly connection_string?: string;
  /** With an identity: the machine's own, or what else the environment offers, unless another is named. */
  readonly account_url?: string;
  readonly managed_identity?: { readonly client_id?: string };
  /** Default `cdc-leases`. */
  readonly container?: string;
}

/** What {@link openLease} needs besides the settings. */
export interface OpenLeaseOptions extends Omit<AcquireOptions, "ttlMs"> {
  /** Where a lease of type `file` is. */
  readonly directory: string;
}

/**
 * Takes a lease at the place that the settings name, and keeps it until it is given back or lost.
 * @throws CdcError `CDC_LEASE_HELD`, `CDC_LEASE_SETTINGS`; else as the place tells.
 */
export async function openLease(settings: LeaseSettings, name: string, options: OpenLeaseOptions): Promise<Lease> {
  const { directory, ...rest } = options;
  const backend = await backendOf(settings, directory);
  const ttlMs = settings.ttl_s === undefined ? LEASE_TTL_MS : settings.ttl_s * 1000;
  try {
    return await acquireLease(backend, name, { ...rest, ttlMs });
  } finally {
    // What a holder has is its own.
    await backend.close();
  }
}

async function backendOf(settings: LeaseSettings, directory: string): Promise<LeaseBackend> {
  switch (settings.type) {
    case "file":
      return new (await import("./file-leases")).FileLeases(directory);
    case "postgres":
      return postgresLeases(settings);
    case "sqlserver":
      return sqlServerLeases(settings);
    case "blob":
      return blobLeases(settings);
  }
}

async function postgresLeases(settings: PostgresPlace): Promise<LeaseBackend> {
  const { pgConfigOf } = await import("../../databases/postgres/connection-settings");
  const { PostgresLeases } = await import("./postgres-leases");
  return new PostgresLeases(pgConfigOf(settings));
}

async function sqlServerLeases({ token, token_table, ...settings }: SqlServerPlace): Promise<LeaseBackend> {
  const { msSqlConfigOf } = await import("../../databases/sqlserver/connection-settings");
  const { SqlServerLeases, TOKEN_TABLE } = await import("./sqlserver-leases");
  const table = token_table === undefined ? TOKEN_TABLE : tableOf(token_table);
  return new SqlServerLeases(msSqlConfigOf(settings), token === "clock" ? "clock" : table);
}

async function blobLeases(settings: BlobPlace & { readonly ttl_s?: number }): Promise<LeaseBackend> {
  const { connection_string, account_url, managed_identity, container = "cdc-leases", ttl_s } = settings;
  const clientId = managed_identity?.client_id;
  const { BlobLeases, BLOB_TTL_MS } = await import("./blob-leases");
  const ttlMs = ttl_s === undefined ? LEASE_TTL_MS : ttl_s * 1000;
  if (ttlMs < BLOB_TTL_MS.least || ttlMs > BLOB_TTL_MS.most)
    throw wrong(`ttl_s is ${String(ttl_s)}, and Azure allows 15 to 60 for a blob`);
  return new BlobLeases({
    container,
    ...(connection_string === undefined ? {} : { connectionString: connection_string }),
    ...(account_url === undefined ? {} : { accountUrl: account_url }),
    ...(clientId === undefined ? {} : { clientId }),
  });
}

function tableOf(name: string): { schema: string; table: string } {
  const [schema, table, ...more] = name.includes(".") ? name.split(".") : ["dbo", name];
  if (schema === undefined || table === undefined || more.length > 0) throw wrong(`token_table is no table: ${name}`);
  return { schema, table };
}

function wrong(what: string): CdcError {
  return new CdcError("CDC_LEASE_SETTINGS", `lease: ${what}`, { hint: "See docs/leases.md." });
}
