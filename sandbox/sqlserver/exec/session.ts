import { sqlError, SqlError } from "../errors";
import type { SessionState } from "../compile/context";
import type { BulkLoad, LoginRequest, Output, RpcCall, Session, TransactionRequest } from "../session";
import type { Database } from "../storage/database";
import type { Instance } from "../storage/instance";
import type { Table } from "../storage/table";
import type { Isolation, Transaction } from "../storage/transaction";
import type { StatementOf } from "../parse/ast";
import { Batch } from "./batch";
import { Cancelled } from "./cancelled";
import { callProcedure, type Prepared } from "./remote-call";
import { loadRows } from "./bulk";

const ISOLATIONS: readonly (Isolation | undefined)[] = [
  undefined,
  "READ UNCOMMITTED",
  "READ COMMITTED",
  "REPEATABLE READ",
  "SERIALIZABLE",
  "SNAPSHOT",
];

/** The settings that a session begins with and goes back to. */
const DEFAULTS = {
  noCount: false,
  xactAbort: false,
  lockTimeoutMs: -1,
  dateFirst: 7,
  rowLimit: 0,
  textSize: 2_147_483_647,
};

/** One client's session: its database, settings, transaction and temporary tables. */
export class SqlSession implements Session, SessionState {
  readonly login: string;
  readonly host: string;
  readonly application: string;
  rowCount = 0n;
  lastError = 0;
  identity: bigint | null = null;
  scopeIdentity: bigint | null = null;
  caught: SqlError[] = [];
  options = { ...DEFAULTS };
  isolation: Isolation = "READ COMMITTED";
  procedureDepth = 0;
  contextInfo: Buffer | null = null;
  identityInsert: Table | undefined;
  transactionLevel = 0;
  current: Transaction | undefined;
  savepoints: { name: string; mark: number }[] = [];
  readonly temporary = new Map<string, Table>();
  readonly prepared = new Map<number, Prepared>();
  /** The table and columns that INSERT BULK has named. */
  bulkTarget: StatementOf<"bulkInsert"> | undefined;
  cancelled = false;
  private readonly interrupts = new Set<() => void>();
  private lastPrepared = 0;

  constructor(
    readonly id: number,
    readonly instance: Instance,
    private db: Database,
    request: LoginRequest,
    /** Told of each statement, for faults that strike at some of them. */
    readonly beforeStatement: (session: SqlSession, text: string) => Promise<void> | undefined,
    private readonly onClose: () => void,
  ) {
    this.login = request.user;
    this.host = request.host;
    this.application = request.application;
  }

  get database(): string {
    return this.db.name;
  }

  get currentDatabase(): Database {
    return this.db;
  }

  get preparedCount(): number {
    return this.prepared.size;
  }

  transactionCount(): number {
    return this.transactionLevel;
  }

  transactionState(): number {
    return this.current ? (this.current.doomed ? -1 : 1) : 0;
  }

  async batch(sql: string, output: Output): Promise<void> {
    this.start();
    await new Batch(this, output, "batch").runText(sql);
  }

  async call(call: RpcCall, output: Output): Promise<void> {
    this.start();
    await callProcedure(this, call, output);
  }

  transaction(request: TransactionRequest, output: Output): Promise<void> {
    this.start();
    switch (request.kind) {
      case "begin":
        this.begin(output, ISOLATIONS[request.isolation]);
        break;
      case "commit":
        this.commit(output);
        break;
      case "rollback":
        this.rollback(output, request.name);
        break;
      case "save":
        this.save(request.name);
    }
    if (request.beginNext) this.begin(output, ISOLATIONS[request.isolation]);
    output.done({ kind: "batch", command: 0xd5 });
    return Promise.resolve();
  }

  async bulk(load: BulkLoad, output: Output): Promise<void> {
    this.start();
    await loadRows(this, load, output);
  }

  attention(): void {
    this.cancelled = true;
    for (const interrupt of [...this.interrupts]) interrupt();
  }

  reset(output: Output): void {
    if (this.current) this.rollback(output, "");
    this.options = { ...DEFAULTS };
    this.isolation = "READ COMMITTED";
    this.temporary.clear();
    this.prepared.clear();
    this.identityInsert = undefined;
    this.contextInfo = null;
    this.instance.appLocks.releaseAll({ session: this.id, kind: "Session" });
    output.environment({ kind: "reset" });
  }

  close(): void {
    if (this.current) this.instance.rollback(this.current);
    this.current = undefined;
    this.transactionLevel = 0;
    this.instance.appLocks.releaseAll({ session: this.id, kind: "Session" });
    this.onClose();
  }

  /** Changes the database. Throws 911. */
  use(name: string, output: Output): void {
    const database = this.instance.database(name);
    if (!database) throw sqlError(911, name);
    if (!database.online) throw new SqlError(942, 14, 4, `Database '${name}' cannot be opened because it is offline.`);
    output.environment({ kind: "database", to: database.name, from: this.db.name });
    output.message(new SqlError(5701, 0, 1, `Changed database context to '${database.name}'.`));
    this.db = database;
  }

  /** BEGIN TRANSACTION; the first one begins it, further ones are counted. */
  begin(output: Output, isolation: Isolation | undefined): void {
    if (isolation) this.isolation = isolation;
    this.transactionLevel++;
    if (this.current) return;
    this.current = this.instance.begin(this.id, this.isolation);
    output.environment({ kind: "begin", transaction: this.current.id });
  }

  /** COMMIT; the last one commits. Throws 3902, or 3930 when it can't be. */
  commit(output: Output): void {
    const { current } = this;
    if (!current) throw sqlError(3902);
    if (current.doomed) throw sqlError(3930);
    if (--this.transactionLevel > 0) return;
    this.instance.commit(current);
    this.forget();
    output.environment({ kind: "commit", transaction: current.id });
  }

  /** ROLLBACK of everything, or to a savepoint. Throws 3903, or 6401 for a name that nobody saved. */
  rollback(output: Output, name: string): void {
    const { current } = this;
    if (!current) throw sqlError(3903);
    const at =
      name === "" ? -1 : this.savepoints.findLastIndex((point) => point.name.toLowerCase() === name.toLowerCase());
    const point = this.savepoints[at];
    if (point) {
      current.undoTo(point.mark);
      this.savepoints = this.savepoints.slice(0, at + 1);
      return;
    }
    this.instance.rollback(current);
    this.forget();
    output.environment({ kind: "rollback", transaction: current.id });
  }

  /** SAVE TRANSACTION. */
  save(name: string): void {
    if (!this.current)
      throw new SqlError(628, 16, 0, "Cannot issue SAVE TRANSACTION when there is no active transaction.");
    this.savepoints.push({ name, mark: this.current.mark() });
  }

  /** Keeps a statement under a handle of its own. */
  prepare(prepared: Prepared): number {
    this.prepared.set(++this.lastPrepared, prepared);
    return this.lastPrepared;
  }

  /** Resolves when the promise does, or when the client gives up; then it throws {@link Cancelled}. */
  async interruptible(wait: (done: () => void) => () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = wait(() => finish());
      const finish = () => {
        this.interrupts.delete(finish);
        stop();
        resolve();
      };
      this.interrupts.add(finish);
      if (this.cancelled) finish();
    });
    this.requireActive();
  }

  /** Throws when the client gave up. */
  requireActive(): void {
    if (this.cancelled) throw new Cancelled();
  }

  private start(): void {
    this.cancelled = false;
  }

  private forget(): void {
    this.current = undefined;
    this.transactionLevel = 0;
    this.savepoints = [];
  }
}
