import { sqlError } from "../errors";
import { ticksOfDate } from "../values/calendar";
import { AppLocks } from "./app-locks";
import { Database } from "./database";
import type { Row } from "./row";
import type { Isolation, Transaction as Work } from "./transaction";
import { Transaction } from "./transaction";

/** All databases of the stand-in, and the transactions over them. */
export class Instance {
  readonly appLocks = new AppLocks();
  private readonly byName = new Map<string, Database>();
  private readonly active = new Set<Work>();
  private readonly waits = new Map<Work, Work>();
  private readonly garbage = new Set<Row>();
  private lastCommit = 1;
  private lastRowId = 0;
  private lastDatabaseId = 0;
  /** Called when CDC was switched on in a database. */
  onCdcEnabled: ((database: Database) => void) | undefined;
  /** Whether SQL Server Agent runs. */
  agentRuns: () => boolean = () => true;
  /** How often new capture jobs scan; SQL Server's 5 s when absent. */
  pollingIntervalMs: number | undefined;

  constructor(private readonly clock: () => Date = () => new Date()) {
    for (const name of ["master", "tempdb", "model", "msdb"]) this.addDatabase(name);
  }

  /** Server time, as 100 ns ticks since 0001-01-01. The stand-in's time zone is UTC. */
  now(): bigint {
    return ticksOfDate(this.clock());
  }

  databases(): Database[] {
    return [...this.byName.values()];
  }

  database(name: string): Database | undefined {
    return this.byName.get(name.toLowerCase());
  }

  /** Throws 1801 when the name is taken. */
  addDatabase(name: string): Database {
    if (this.database(name)) throw sqlError(1801, name);
    const database = new Database(++this.lastDatabaseId, name, this);
    this.byName.set(name.toLowerCase(), database);
    return database;
  }

  removeDatabase(database: Database): void {
    this.byName.delete(database.name.toLowerCase());
  }

  nextRowId(): number {
    return ++this.lastRowId;
  }

  /** Number of the newest commit. */
  get commitNumber(): number {
    return this.lastCommit;
  }

  begin(sessionId: number, isolation: Isolation): Work {
    const transaction = new Transaction(sessionId, this.now(), isolation);
    this.active.add(transaction);
    return transaction;
  }

  /** Makes everything visible at once and writes the log. */
  commit(transaction: Work): void {
    const commit = ++this.lastCommit;
    this.active.delete(transaction);
    for (const row of transaction.rows) this.publish(row, transaction, commit);
    const logged = [...transaction.logs].filter(([, { records }]) => records.length > 0);
    for (const [database, { beginLsn, records }] of logged) {
      const commitLsn = database.log.next();
      database.log.flush();
      const { id, beganAt } = transaction;
      database.unread.push({ commitLsn, beginLsn, id, beganAt, endedAt: this.now(), records });
    }
    this.end(transaction, "committed");
  }

  /** Number for a commit that takes place here and now, without a transaction. */
  nextCommit(): number {
    return ++this.lastCommit;
  }

  /** Gives a row another state, or none, as a committed transaction would. */
  replace(row: Row, version: Row["version"]): void {
    version.older = row.version;
    row.version = version;
    this.trim(row, this.oldestSnapshot());
  }

  /** True when a SNAPSHOT transaction may still see what is no more. */
  get keepsHistory(): boolean {
    return this.oldestSnapshot() !== Infinity;
  }

  rollback(transaction: Work): void {
    this.active.delete(transaction);
    transaction.undoTo(0);
    this.end(transaction, "rolled back");
  }

  /** Notes who waits for whom. Throws 1205 for the one that would close a circle. */
  wait(waiter: Work, holder: Work): void {
    for (let next: Work | undefined = holder; next; next = this.waits.get(next)) {
      if (next === waiter) throw sqlError(1205, waiter.sessionId);
    }
    this.waits.set(waiter, holder);
  }

  waited(waiter: Work): void {
    this.waits.delete(waiter);
  }

  /** The active transaction of a session, for faults that strike it. */
  transactionOf(sessionId: number): Work | undefined {
    return [...this.active].find((transaction) => transaction.sessionId === sessionId);
  }

  private end(transaction: Work, state: "committed" | "rolled back"): void {
    for (const table of transaction.sharedTables) table.sharedBy.delete(transaction);
    this.waits.delete(transaction);
    transaction.finish(state);
    if (transaction.snapshot !== undefined) this.sweep();
  }

  private publish(row: Row, transaction: Work, commit: number): void {
    const { version } = row;
    if (version.writer !== transaction) return;
    version.writer = undefined;
    version.commit = commit;
    this.trim(row, this.oldestSnapshot());
  }

  private oldestSnapshot(): number {
    let oldest = Infinity;
    for (const { snapshot } of this.active) if (snapshot !== undefined && snapshot < oldest) oldest = snapshot;
    return oldest;
  }

  /** Forgets the states of a row that no snapshot can see. */
  private trim(row: Row, oldest: number): void {
    let version = row.version;
    while (version.writer !== undefined || version.commit > oldest) {
      if (!version.older) break;
      version = version.older;
    }
    // The order of an index is that of the last values, so a row leaves it while they are still known.
    if (version === row.version && version.values === undefined && version.writer === undefined) row.table.detach(row);
    version.older = undefined;
    if (row.version.older || row.version.writer !== undefined) this.garbage.add(row);
    else this.garbage.delete(row);
  }

  private sweep(): void {
    const oldest = this.oldestSnapshot();
    for (const row of this.garbage) this.trim(row, oldest);
  }
}
