import { sqlError, SqlError } from "../errors";
import type { CaptureAgent } from "../cdc/jobs";
import type { Database } from "../storage/database";
import { LSN_LENGTH } from "../storage/lsn";
import { splitTicks, toDatetime } from "../values/calendar";
import { Dice } from "./dice";
import { FedTable, type ChangeMix } from "./fed-table";

/** What a feed changes, and how. */
export interface FeedOptions {
  /** Captured tables as `schema.table`. Each has one whole number as its key. */
  readonly tables: readonly string[];
  /** Changes in one transaction; 10 when absent. An update is one change. */
  readonly changesPerTransaction?: number;
  /** 1 insert, 8 updates, 1 delete when absent. */
  readonly mix?: ChangeMix;
  /** The same seed makes the same changes of the same rows. */
  readonly seed?: number;
}

/** How often a running feed makes changes. */
const TURN_MS = 10;

/** A feed that was late catches up with no more than this at once, so that clients are served in between. */
const LONGEST_TURN_MS = 30;

/** After a turn clients have this share of its time, whatever the feed is late with. */
const REST = 0.8;

/** What a feed was late with beyond this is never made: the machine is too slow. */
const LATEST_MS = 1_000;

/** Makes transactions that are captured already: in the tables, the change tables and the time mapping at once. */
export class ChangeFeed {
  /** Changes so far. */
  changes = 0;
  /** Transactions so far. */
  transactions = 0;
  private readonly tables: readonly FedTable[];
  private readonly size: number;
  private readonly dice: Dice;
  private timer: NodeJS.Timeout | undefined;
  private lastId = 0x4000_0000;

  /** Throws 901 without CDC, 208 for a table that isn't there, and when its rows can't be made. */
  constructor(
    private readonly database: Database,
    private readonly agent: CaptureAgent,
    options: FeedOptions,
  ) {
    if (!database.cdc) throw sqlError(22901, database.name);
    const { tables, changesPerTransaction = 10, mix = { insert: 1, update: 8, delete: 1 }, seed = 1 } = options;
    if (tables.length === 0) throw new SqlError(50_001, 16, 1, "A feed needs tables.");
    this.dice = new Dice(seed);
    this.size = Math.max(1, changesPerTransaction);
    this.tables = tables.map((name) => {
      const [schema = "", table = ""] = name.split(".");
      const found = database.table(schema, table);
      if (!found) throw sqlError(208, name);
      return new FedTable(found, mix, this.dice);
    });
  }

  /**
   * Makes so many changes now. Makes none while the agent is stopped or somebody has locked a table.
   * Gives the number of changes.
   */
  make(changes: number): number {
    if (!this.canWrite()) return 0;
    for (let left = changes; left > 0; left -= this.size) this.transact(Math.min(left, this.size));
    this.changes += changes;
    return changes;
  }

  /** Makes changes from now on, so many per second, until {@link stop}. */
  start(perSecond: number): void {
    this.stop();
    let due = 0;
    let last = performance.now();
    let restUntil = 0;
    this.timer = setInterval(() => {
      const now = performance.now();
      if (now < restUntil) return;
      due = Math.min(due + ((now - last) * perSecond) / 1000, (LATEST_MS * perSecond) / 1000);
      last = now;
      const most = Math.min(due, Math.max(this.size, (LONGEST_TURN_MS * perSecond) / 1000));
      // Whole transactions only.
      const whole = most - (most % this.size);
      if (whole > 0) this.make(whole);
      due -= whole;
      const end = performance.now();
      restUntil = end + (end - now) * REST;
    }, TURN_MS);
    this.timer.unref();
  }

  /** Ends what {@link start} began. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** What was committed before comes first in the change tables. */
  private canWrite(): boolean {
    const { cdc, unread, online } = this.database;
    if (!cdc?.agentRuns || cdc.lags || !this.agent.running || !online) return false;
    if (this.tables.some(({ table }) => table.exclusiveBy ?? table.sharedBy.size > 0)) return false;
    while (unread.length > 0) if (this.agent.turn(this.database) === 0) return false;
    return true;
  }

  private transact(changes: number): void {
    const { log, instance, cdc } = this.database;
    const commitLsn = log.writeAhead(Buffer.allocUnsafe(LSN_LENGTH), changes);
    const commit = instance.nextCommit();
    let beginLsn: Buffer | undefined;
    for (let command = 1; command <= changes; command++) {
      const seqval = log.writeNext(Buffer.allocUnsafe(LSN_LENGTH));
      beginLsn ??= seqval;
      const table = this.tables[this.tables.length === 1 ? 0 : this.dice.below(this.tables.length)];
      table?.change({ commitLsn, seqval, command, commit });
    }
    log.writeNext(commitLsn);
    log.flush();
    const now = toDatetime(splitTicks(instance.now()));
    const id = Buffer.alloc(6);
    id.writeUInt32BE(++this.lastId, 2);
    const values = [commitLsn, now, now, id, beginLsn ?? commitLsn];
    const { timeMapping } = cdc ?? {};
    timeMapping?.append({
      id: instance.nextRowId(),
      table: timeMapping,
      version: { values, writer: undefined, commit, older: undefined },
    });
    if (cdc) cdc.transactionsScanned++;
    this.transactions++;
  }
}
