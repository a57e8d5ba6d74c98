import type { Column } from "./column";
import type { Database } from "./database";
import type { Lsn } from "./lsn";
import type { Row } from "./row";
import type { Table } from "./table";
import type { Value, Values } from "../values/value";

/** Isolation levels, by the names that SET uses. */
export type Isolation = "READ UNCOMMITTED" | "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE" | "SNAPSHOT";

/** What happened to a row of a table that CDC tracks, as the log has it. */
export interface LogRecord {
  readonly table: Table;
  /** Columns of the images, as they were then. */
  readonly columns: readonly Column[];
  /** An update of a key is a delete and an insert. */
  readonly kind: "insert" | "delete" | "update" | "definition";
  readonly before: Values | undefined;
  readonly after: Values | undefined;
  readonly lsn: Lsn;
  /** Order of the operation in its transaction, from 1. */
  readonly command: number;
  /** What an ALTER TABLE did. */
  readonly definition?: Definition;
}

/** A change of a table's definition. */
export interface Definition {
  readonly text: string;
  readonly time: bigint;
  readonly altered: AlteredColumn | undefined;
}

/** A column whose type or nullability changed. */
export interface AlteredColumn {
  /** As it is now. */
  readonly column: Column;
  /** Makes values of one column fit another one of a table; what doesn't fit throws. */
  readonly converter: (table: Table, from: Column, to: Column) => (value: Value) => Value;
}

/** A committed transaction in the log of one database. */
export interface LoggedTransaction {
  readonly commitLsn: Lsn;
  readonly beginLsn: Lsn;
  readonly id: bigint;
  /** 100 ns ticks since 0001-01-01, server time. */
  readonly beganAt: bigint;
  readonly endedAt: bigint;
  readonly records: readonly LogRecord[];
}

let lastId = 1000n;

/** A unit of work: what it wrote, how to undo it, and what the log will say. */
export class Transaction {
  readonly id = ++lastId;
  /** Commit number that a SNAPSHOT transaction sees, fixed at its first read. */
  snapshot: number | undefined;
  /** It can only be rolled back. */
  doomed = false;
  state: "active" | "committed" | "rolled back" = "active";
  readonly rows: Row[] = [];
  readonly logs = new Map<Database, { beginLsn: Lsn; records: LogRecord[] }>();
  readonly sharedTables = new Set<Table>();
  private readonly undo: (() => void)[] = [];
  private readonly ending: (() => void)[] = [];
  private command = 0;

  constructor(
    readonly sessionId: number,
    readonly beganAt: bigint,
    readonly isolation: Isolation,
  ) {}

  /** Remembers how to take back what was just done. */
  onUndo(action: () => void): void {
    this.undo.push(action);
  }

  /** A place to go back to. */
  mark(): number {
    return this.undo.length;
  }

  /** Takes back everything since the place. */
  undoTo(mark: number): void {
    while (this.undo.length > mark) this.undo.pop()?.();
  }

  /** Runs when the transaction is over, either way. */
  onEnd(action: () => void): void {
    this.ending.push(action);
  }

  /** Number of the next operation. */
  nextCommand(): number {
    return ++this.command;
  }

  /** Adds to the log of a database; taken back together with what it says. */
  log(database: Database, record: LogRecord): void {
    const log = this.logs.get(database) ?? { beginLsn: record.lsn, records: [] };
    this.logs.set(database, log);
    log.records.push(record);
    this.onUndo(() => {
      log.records.pop();
    });
  }

  /** Lets the waiting go on. */
  finish(state: "committed" | "rolled back"): void {
    this.state = state;
    for (const action of this.ending.splice(0)) action();
  }
}

/** Another transaction has what this one needs; the statement is tried again when that one ends. */
export class LockWait extends Error {
  constructor(readonly holder: Transaction) {
    super("waits for a lock");
  }
}
