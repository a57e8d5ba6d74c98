/** When a table's rows are copied: at its first start, never, or also whenever changes were lost. */
export type SnapshotMode = "initial" | "never" | "when_needed";

/** What a stack has deployed at its sources. The tables of the sink are told by their shapes. Holds no secret. */
export interface Topology {
  readonly sources: readonly SourceTopology[];
}

/** One source database. */
export interface SourceTopology {
  /** Name of the connection, `source:<environment>:<server>`. */
  readonly connection: string;
  readonly database: string;
  /** Sources of the source group that live in it: customers in db-per-tenant. */
  readonly tenants: readonly string[];
  readonly tables: readonly SourceTableTopology[];
}

/** One captured table of a source database. */
export interface SourceTableTopology {
  readonly schema: string;
  readonly table: string;
  readonly snapshot: SnapshotMode;
  /** Capture instances that the deployment made for one sink, so that its stream may remove one that is drained. */
  readonly ownInstances: readonly string[];
}
