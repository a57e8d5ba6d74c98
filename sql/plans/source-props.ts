import type { ServerAddress } from "../../model/source-capture";
import type { SnapshotMode } from "../../model/topology";

/** What every resource of a source has. Properties are plain JSON, small, and hold no secret. */
export interface SourceProps {
  readonly schemaVersion: number;
  /** Name of the connection, `source:<environment>:<server>`. */
  readonly connection: string;
  /** As source-groups.yaml has it; what the stack config and the environment say is stronger. */
  readonly address: ServerAddress;
  readonly database: string;
  /** False: nothing is changed at the source, only looked at. */
  readonly manage: boolean;
}

/** `cdc:SourceDatabaseCdc` inputs. */
export interface SourceDatabaseProps extends SourceProps {
  /** Sources of the source group that live in it: customers in db-per-tenant. */
  readonly tenants: readonly string[];
}

/** `cdc:SourceDatabaseCdc` outputs. */
export interface SourceDatabaseOutputs extends SourceDatabaseProps {
  /** Change data capture was off before us, so that destroy may turn it off. */
  readonly enabledByUs: boolean;
}

/** `cdc:SourceTableCdc` inputs. */
export interface SourceTableProps extends SourceProps {
  readonly schema: string;
  readonly table: string;
  /** Source names of the captured columns, sorted, {@link ./packed.packList}. */
  readonly captured: string;
  /** Gating role of instances that we make. */
  readonly role?: string;
  /** Filegroup of instances that we make. */
  readonly filegroup?: string;
  readonly netChanges: boolean;
  readonly snapshot: SnapshotMode;
  /** Sinks that take its rows, `<connection>|<database>|…`: they know how far the stream has got. */
  readonly sinks: string;
}

/** `cdc:SourceTableCdc` outputs. */
export interface SourceTableOutputs extends SourceTableProps {
  /** Capture instances that we made and that are there, oldest first. */
  readonly instances: readonly string[];
  /** The table was not captured before us. */
  readonly enabledByUs: boolean;
}
