import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { closePools } from "../../databases/postgres/pool";
import type { LeaseBackend } from "../../stream/leases/lease";
import { BlobLeases } from "../../stream/leases/blob-leases";
import { FileLeases } from "../../stream/leases/file-leases";
import type { LeaseSettings } from "../../stream/leases/open-lease";
import { PostgresLeases } from "../../stream/leases/postgres-leases";
import { SqlServerLeases } from "../../stream/leases/sqlserver-leases";
import { startAzurite } from "./azurite";
import { createTestDatabase } from "./database";
import { deployTables } from "./deploy-tables";
import { SourceLab } from "./source-lab";

/** A place where leases are kept, of one test file. */
export interface LeasePlace {
  readonly settings: LeaseSettings;
  /** For leases of files. */
  readonly directory: string;
  /** Another process's way to it. */
  open(): LeaseBackend;
  /** Takes a lease from whoever has it without telling: as by time, or by an end that nobody noticed. */
  expire(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Kinds of {@link LeasePlace}. */
export const LEASE_PLACES = { file, postgres, sqlserver, blob } as const;

function file(): Promise<LeasePlace> {
  const directory = mkdtempSync(join(tmpdir(), "cdc-leases-"));
  return Promise.resolve({
    settings: { type: "file" },
    directory,
    open: () => new FileLeases(directory),
    expire: (name) => {
      const folder = join(directory, name);
      for (const claim of readdirSync(folder)) {
        const text = JSON.parse(readFileSync(join(folder, claim), "utf8")) as object;
        // Of a process that had our number before us.
        writeFileSync(join(folder, claim), JSON.stringify({ ...text, startedAt: "1" }));
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(rmSync(directory, { recursive: true })),
  });
}

async function postgres(): Promise<LeasePlace> {
  const database = await createTestDatabase();
  await deployTables(database, []);
  return {
    settings: { type: "postgres", ...database.config },
    directory: "",
    open: () => new PostgresLeases(database.config),
    async expire(name) {
      await database.query("UPDATE cdc_management.leases SET expires_at = clock_timestamp() WHERE name = $1", [name]);
    },
    async close() {
      await closePools();
      await database.drop();
    },
  };
}

async function sqlserver(): Promise<LeasePlace> {
  const lab = await SourceLab.open();
  const database = await lab.database("SELECT 1");
  const config = lab.config(database);
  return {
    settings: { type: "sqlserver", ...config, encrypt: "false" },
    directory: "",
    open: () => new SqlServerLeases(config),
    // The server gives the lock to others as soon as it has ended the session, which the client may learn later.
    async expire() {
      lab.server.standIn?.control.freeAppLocks();
      await Promise.resolve();
    },
    close: () => lab.close(),
  };
}

async function blob(): Promise<LeasePlace> {
  const azurite = await startAzurite();
  const { connectionString } = azurite;
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("leases");
  return {
    settings: { type: "blob", connection_string: connectionString, container: "leases" },
    directory: "",
    open: () => new BlobLeases({ connectionString, container: "leases" }),
    async expire(name) {
      const client = container.getBlobClient(`${name}.lease`).getBlobLeaseClient();
      await client.breakLease(0).catch(() => undefined);
    },
    close: () => azurite.stop(),
  };
}
