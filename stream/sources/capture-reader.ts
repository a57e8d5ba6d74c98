import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { Parameter } from "../../databases/sqlserver/parameters";
import type { TextRow } from "../../databases/sqlserver/run";
import { parseLsn, type Lsn } from "../../model/lsn";
import type { SourceTopology } from "../../model/topology";
import {
  CAPTURED_COLUMNS,
  changedInstances,
  DDL_HISTORY,
  lsnBytes,
  POLL,
  SOURCE_NAMES,
  START_LSNS,
  UNCAPTURED_COLUMNS,
  WINDOW_BELOW,
} from "../../sql/sqlserver/capture-statements";
import { askSource, type Asked } from "./ask-source";
import type { CaptureInstance, DdlEvent } from "./capture-instance";
import { areRenamed, fingerprintOf, instancesOf, parseDdl, type CaptureState } from "./capture-rows";
import { dateOf, isSameMoment } from "./commit-time";

/** Settings of a reader. */
export interface CaptureReaderOptions {
  /** Cancels what runs. */
  readonly signal?: AbortSignal;
  /** Longest wait for an answer in milliseconds; default 60,000. */
  readonly timeoutMs?: number;
  /** How often it looks for renames, which need the catalogue and hurry least; default every 1,000 ms. */
  readonly namesMs?: number;
}

const NAMES_MS = 1_000;

/** A range of whole transactions, up to and with its end. */
export interface Window {
  readonly end: Lsn;
  /** Commit time of the end. */
  readonly endTime: Date;
  /** Those that changed rows; a quiet database moves its LSN without any. */
  readonly transactions: number;
}

/** What one look at a source tells. */
export interface Poll {
  /** Highest LSN that is captured; undefined before the first scan of the log: wait, there is no place to start from. */
  readonly maxLsn: Lsn | undefined;
  /** End of the next range of whole transactions behind the position; undefined when there is nothing new. */
  readonly windowEnd: Lsn | undefined;
  readonly windowEndTime: Date | undefined;
  /** Those in the window that changed rows; a quiet database moves its LSN without any. */
  readonly windowTransactions: number;
  /** Commit time of the oldest transaction in the window that changed rows. */
  readonly oldestPendingTime: Date | undefined;
  /** All capture instances of the database; of two of one table, the older one comes first. */
  readonly instances: readonly CaptureInstance[];
  /** All known changes of captured tables' definitions, in the order of the log. */
  readonly ddl: readonly DdlEvent[];
  /** The position's transaction is another one now: a backup was restored. */
  readonly rewritten: boolean;
  /** The source has not got to the position: a replica or failover that is behind, or a restored backup. */
  readonly behind: boolean;
}

/** Looks at the change data capture of one source database. Errors are those of {@link askSource}. */
export class CaptureReader {
  private state: CaptureState | undefined;
  private namesAt = 0;

  constructor(
    private readonly config: MsSqlConfig,
    private readonly source: Pick<SourceTopology, "database">,
    private readonly options: CaptureReaderOptions = {},
  ) {}

  /**
   * Asks for all that must be known before the next read: one request, a second one when instances, definitions or names changed.
   * @param commitTime Commit time of the position, as a window told it; undefined when not known.
   * @param maxTransactions Most mappings that the window may span.
   */
  async poll(position: Lsn | undefined, commitTime: Date | undefined, maxTransactions: number): Promise<Poll> {
    const withNames = performance.now() - this.namesAt >= (this.options.namesMs ?? NAMES_MS);
    const [[head = {}] = [], tables = [], names] = await this.ask("the capture", POLL, [
      { name: "limit", type: "int", value: maxTransactions },
      { name: "names", type: "bit", value: withNames ? 1 : 0 },
      lsnParameter("position", position),
    ]);
    if (withNames) this.namesAt = performance.now();
    const state = await this.currentState(tables, names);
    const window = windowOf(head);
    const maxLsn = lsnOf(head["max_lsn"]);
    const anchorTime = dateOf(head["anchor_time"]);
    const isOther = commitTime !== undefined && anchorTime !== undefined && !isSameMoment(anchorTime, commitTime);
    return {
      maxLsn,
      windowEnd: window?.end,
      windowEndTime: window?.endTime,
      windowTransactions: window?.transactions ?? 0,
      oldestPendingTime: dateOf(head["oldest_time"]),
      instances: instancesOf(tables, state),
      ddl: state.ddl,
      rewritten: isOther && maxLsn !== undefined && position !== undefined && maxLsn >= position,
      behind: position !== undefined && (maxLsn === undefined || maxLsn < position),
    };
  }

  /** The range of whole transactions in (`position`, `below`); undefined when there is none. For a stop before an LSN. */
  async windowBelow(position: Lsn, below: Lsn): Promise<Window | undefined> {
    const [[row] = []] = await this.ask("the capture", WINDOW_BELOW, [
      lsnParameter("position", position),
      lsnParameter("below", below),
    ]);
    return row === undefined ? undefined : windowOf(row);
  }

  /** Names of those instances that have changes in (`after`, `upTo`]. One request. */
  async changedInstances(instances: readonly CaptureInstance[], after: Lsn, upTo: Lsn): Promise<ReadonlySet<string>> {
    if (instances.length === 0) return new Set();
    const names = instances.map(({ name }) => name).sort();
    const [rows = []] = await this.ask("the change tables", changedInstances(names), [
      lsnParameter("after", after),
      lsnParameter("upto", upTo),
    ]);
    return new Set(rows.flatMap(({ instance }) => instance ?? []));
  }

  /**
   * Lowest LSN of each instance now; one that is gone is absent. Cleanup raises it before it deletes, so what was read
   * down to an LSN at or above it is complete.
   */
  async startLsns(names: readonly string[]): Promise<ReadonlyMap<string, Lsn>> {
    const wanted = new Set(names);
    const [rows = []] = await this.ask("the capture", START_LSNS, []);
    const found = rows.flatMap((row) => {
      const [name, lsn] = [row["capture_instance"] ?? "", lsnOf(row["start_lsn"])];
      return lsn !== undefined && wanted.has(name) ? [[name, lsn] as const] : [];
    });
    return new Map(found);
  }

  private async currentState(tables: readonly TextRow[], names: readonly TextRow[] | undefined): Promise<CaptureState> {
    const fingerprint = fingerprintOf(tables);
    const { state } = this;
    const isCurrent = state?.fingerprint === fingerprint && (names === undefined || !areRenamed(state, names));
    return isCurrent ? state : (this.state = await this.readState(fingerprint));
  }

  private async readState(fingerprint: string): Promise<CaptureState> {
    const batch = [SOURCE_NAMES, CAPTURED_COLUMNS, UNCAPTURED_COLUMNS, DDL_HISTORY].join(";\n");
    const [names = [], columns = [], uncaptured = [], ddl = []] = await this.ask("the capture", batch, []);
    return { fingerprint, names, columns, uncaptured, ddl: parseDdl(ddl) };
  }

  private ask(object: string, text: string, parameters: readonly Parameter[]): Promise<Asked> {
    return askSource(this.config, text, parameters, { object, database: this.source.database }, this.options);
  }
}

function windowOf(row: Readonly<Record<string, string | null>>): Window | undefined {
  const [end, endTime] = [lsnOf(row["end_lsn"]), dateOf(row["end_time"])];
  if (end === undefined || endTime === undefined) return undefined;
  return { end, endTime, transactions: Number(row["transactions"] ?? 0) };
}

function lsnOf(text: string | null | undefined): Lsn | undefined {
  return text === null || text === undefined ? undefined : parseLsn(text);
}

function lsnParameter(name: string, lsn: Lsn | undefined): Parameter {
  return { name, type: "varbinary", value: lsn === undefined ? null : lsnBytes(lsn) };
}
