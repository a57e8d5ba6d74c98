import type { SnapshotMode } from "./topology";

/** How a source server is reached, as source-groups.yaml has it. Holds no password: only the variable that has it. */
export interface ServerAddress {
  readonly host?: string;
  readonly port?: string;
  readonly user?: string;
  readonly encrypt?: string;
  readonly trustServerCertificate?: string;
  /** Environment variable with the password. */
  readonly passwordVariable?: string;
}

/** What `capture:` of a source group says. */
export interface CaptureSettings {
  /** False: somebody else turns change data capture on; it is only looked at. */
  readonly manage: boolean;
  /** Gating role: who may read the changes, besides the owner of the database. */
  readonly role?: string;
  /** Filegroup of the change tables. */
  readonly filegroup?: string;
  /** Also make the function for net changes, which other readers may want. */
  readonly netChanges: boolean;
}

/** One table as it is to be captured. */
export interface CapturedTable {
  readonly schema: string;
  readonly table: string;
  /** Source names of the captured columns, sorted. */
  readonly columns: readonly string[];
  readonly snapshot: SnapshotMode;
}

/** A sink that takes a source's rows: where the stream keeps how far it has got. */
export interface CaptureSink {
  readonly name: string;
  readonly database: string;
}

/** One source database as it is to be captured. */
export interface CapturedDatabase {
  readonly environment: string;
  /** Name of the server in source-groups.yaml. */
  readonly server: string;
  readonly address: ServerAddress;
  readonly database: string;
  /** Sources of the source group that live in it: customers in db-per-tenant. */
  readonly tenants: readonly string[];
  readonly settings: CaptureSettings;
  readonly tables: readonly CapturedTable[];
  readonly sinks: readonly CaptureSink[];
}
