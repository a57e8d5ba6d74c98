import type { Column } from "../storage/column";
import type { Lsn } from "../storage/lsn";
import type { Table } from "../storage/table";

/** A column that an instance captures. */
export interface CapturedColumn {
  /** Position in the change table's captured columns, from 1: the bit of the update mask. */
  readonly ordinal: number;
  /** column_id in the source table at the time; found again by it, whatever it is called now. */
  readonly columnId: number;
  readonly name: string;
  readonly column: Column;
}

/** A capture instance: which table and columns it captures, and from where on. */
export interface CaptureInstance {
  readonly name: string;
  readonly source: Table;
  readonly changeTable: Table;
  /** Replaced when the type of a captured column changes. */
  columns: readonly CapturedColumn[];
  readonly supportsNetChanges: boolean;
  readonly role: string | null;
  readonly indexName: string | null;
  /** Names of the captured columns that identify a row, for net changes. */
  readonly keyColumns: readonly string[];
  readonly filegroup: string | null;
  readonly createdAt: bigint;
  /** The lowest LSN that it still has complete. */
  startLsn: Lsn;
}

/** A row of cdc.ddl_history: one for each instance that there was. */
export interface DdlEntry {
  readonly instance: CaptureInstance;
  readonly requiredUpdate: boolean;
  readonly command: string;
  /** Of the commit. */
  readonly lsn: Lsn;
  readonly time: bigint;
}

/** A row of sys.dm_cdc_errors. */
export interface ScanError {
  readonly time: bigint;
  readonly number: number;
  readonly severity: number;
  readonly message: string;
}

/** Settings of the capture and cleanup jobs of a database, as in msdb.dbo.cdc_jobs. */
export interface JobSettings {
  maxTransactions: number;
  maxScans: number;
  continuous: boolean;
  pollingIntervalMs: number;
  retentionMinutes: number;
  threshold: number;
}

/** CDC of one database. */
export class CdcState {
  readonly instances: CaptureInstance[] = [];
  ddl: readonly DdlEntry[] = [];
  readonly errors: ScanError[] = [];
  /** The agent runs; when not, changes stay in the log and nobody hears of it. */
  agentRuns = true;
  /** What was captured is hidden, as on a replica that lags behind: nothing may be captured before it. */
  lags = false;
  scans = 0;
  transactionsScanned = 0;
  lastScanAt = 0n;

  constructor(
    readonly timeMapping: Table,
    readonly jobs: JobSettings,
  ) {}

  /** True when changes of the table must be in the log. */
  tracks(table: Table): boolean {
    return this.instances.some(({ source }) => source === table);
  }

  instancesOf(table: Table): CaptureInstance[] {
    return this.instances.filter(({ source }) => source === table);
  }

  /** Rows of cdc.ddl_history; those of an instance go with it. */
  history(): readonly DdlEntry[] {
    return this.ddl.filter(({ instance }) => this.instances.includes(instance));
  }

  instance(name: string): CaptureInstance | undefined {
    return this.instances.find((instance) => instance.name.toLowerCase() === name.toLowerCase());
  }
}
