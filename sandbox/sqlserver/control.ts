import type { SqlBackend } from "./backend";
import { scan, writeDummy } from "./cdc/capture";
import { cleanUp, removeRows } from "./cdc/cleanup";
import { dropInstance } from "./cdc/enable";
import { hideAfter } from "./cdc/lag";
import type { CaptureAgent } from "./cdc/jobs";
import type { SqlSession } from "./exec/session";
import { SqlError, sqlError } from "./errors";
import { ChangeFeed, type FeedOptions } from "./feed/change-feed";
import { fill, load } from "./feed/fill";
import { runScript } from "./run-script";
import type { Database } from "./storage/database";
import type { Table } from "./storage/table";
import type { Connection } from "./tds/connection";
import type { RowHook } from "./tds/response";
import type { Traffic } from "./tds/wire";
import type { Values } from "./values/value";

/** Which requests a fault strikes: those whose text matches. */
export interface Strike {
  readonly match: RegExp;
  /** How many of them; 1 when absent. */
  readonly times?: number;
}

/** A held response or statement. */
export interface Stall {
  /** Lets it go on. */
  release(): void;
}

interface Planned {
  readonly match: RegExp;
  left: number;
}

/** Makes a running stand-in fail on purpose. Names of databases that don't exist throw 911. */
export class SqlServerControl {
  /** How bytes leave while a fault of the network is on. */
  traffic: Traffic | undefined;
  /** Batches and calls of all clients so far. */
  requests = 0;
  private readonly rowFaults: (Planned & { readonly hook: () => RowHook })[] = [];
  private readonly statementFaults: (Planned & {
    readonly strike: (session: SqlSession) => Promise<void> | undefined;
  })[] = [];

  constructor(
    private readonly backend: SqlBackend,
    private readonly agent: CaptureAgent,
    private readonly connections: ReadonlySet<Pick<Connection, "reset" | "mute">>,
  ) {}

  /** Cuts the connection by a TCP reset in the middle of the row after so many rows. */
  resetMidRow(strike: Strike & { readonly afterRows: number }): void {
    const hook = (): RowHook => (rows) => (rows >= strike.afterRows ? "cut" : "go on");
    this.rowFaults.push({ match: strike.match, left: strike.times ?? 1, hook });
  }

  /** Holds a response back after so many rows, until it is released. */
  stall(strike: Strike & { readonly afterRows: number }): Stall {
    const gate = openLater();
    const hook = (): RowHook => {
      let held = false;
      return (rows) => {
        if (held || rows < strike.afterRows) return "go on";
        held = true;
        return gate.opened;
      };
    };
    this.rowFaults.push({ match: strike.match, left: strike.times ?? 1, hook });
    return { release: gate.open };
  }

  /** Makes a request the victim of a deadlock: its transaction is rolled back and it gets error 1205. */
  deadlock(strike: Strike): void {
    this.fail(strike, (session) => sqlError(1205, session.id));
  }

  /** Fails a request with any error. */
  failWith(strike: Strike & { readonly number: number; readonly message: string; readonly severity?: number }): void {
    this.fail(strike, () => new SqlError(strike.number, strike.severity ?? 16, 1, strike.message));
  }

  /** Stops SQL Server Agent: changes stay in the log and nobody hears of it. */
  stopAgent(): void {
    this.agent.running = false;
  }

  /** Starts SQL Server Agent again. */
  startAgent(): void {
    this.agent.running = true;
  }

  /** Runs the capture job now, as often as one turn does. Gives the number of transactions it captured. */
  capture(database: string): number {
    return this.agent.turn(this.database(database));
  }

  /** One scan of the log, for those who count scans. Gives the number of transactions. */
  scanOnce(database: string): number {
    return scan(this.database(database));
  }

  /**
   * Captures all that is in the log, then moves the highest LSN by a row that belongs to no transaction, as a quiet
   * database does every five minutes. No such row while something can't be captured.
   */
  writeDummyLsn(database: string): void {
    const found = this.database(database);
    while (scan(found) > 0);
    writeDummy(found);
  }

  /**
   * Runs the cleanup job now; 0 keeps the newest transaction only. Gives the number of change rows that went.
   * @param retentionMinutes the job's own setting when absent
   */
  cleanUp(database: string, retentionMinutes?: number): number {
    return cleanUp(this.database(database), retentionMinutes);
  }

  /** Cleanup passes a reader: once a matching request has sent so many rows, everything so far is cleaned up. */
  cleanUpDuring(strike: Strike & { readonly afterRows: number; readonly database: string }): void {
    const database = this.database(strike.database);
    const hook = (): RowHook => {
      let done = false;
      return (rows) => {
        if (!done && rows >= strike.afterRows) {
          done = true;
          cleanUp(database, 0);
        }
        return "go on";
      };
    };
    this.rowFaults.push({ match: strike.match, left: strike.times ?? 1, hook });
  }

  /**
   * The log goes back, as when a backup is restored: transactions after the LSN are gone from change tables and
   * time mapping, and their LSNs will be given out again; capture instances that were made later are gone, and a replica
   * has nothing to catch up with. Tables keep their rows.
   */
  rewindLog(database: string, lsn: Buffer): void {
    const found = this.database(database);
    const to = BigInt(`0x${lsn.toString("hex")}`);
    const { cdc } = found;
    found.unread.length = 0;
    found.log.rewind(to);
    if (!cdc) return;
    cdc.lags = false;
    for (const later of cdc.instances.filter(({ startLsn }) => startLsn > to)) dropInstance(cdc, later, undefined);
    for (const table of [cdc.timeMapping, ...cdc.instances.map(({ changeTable }) => changeTable)]) {
      removeRows(found, table, (rowLsn) => rowLsn > to);
    }
  }

  /** Takes the right to read a table or change table (error 229), or gives it back. */
  denySelect(database: string, schema: string, table: string, denied = true): void {
    this.table(database, schema, table).denied = denied;
  }

  /** Takes VIEW DEFINITION on a database away from everybody, as HAS_PERMS_BY_NAME tells, or gives it back. */
  hideDefinitions(database: string, hidden = true): void {
    this.database(database).hidesDefinitions = hidden;
  }

  /** Takes a database offline (error 942), or brings it back. */
  setOnline(database: string, online: boolean): void {
    this.database(database).online = online;
  }

  /** Changes the password of `sa`; open connections stay. */
  changePassword(password: string): void {
    const [login] = this.backend.logins;
    if (login) login.password = password;
  }

  /** Ends what sessions have of application locks, as when the server has given up a client that doesn't know yet. */
  freeAppLocks(): void {
    for (const { id } of this.backend.sessions.values())
      this.backend.instance.appLocks.releaseAll({ session: id, kind: "Session" });
  }

  /** Cuts every connection by a TCP reset. */
  disconnectAll(): void {
    for (const connection of this.connections) connection.reset();
  }

  /** All answers leave slowly, so many bytes per second, until released. */
  slowDown(bytesPerSecond: number): Stall {
    const everyMs = Math.max(50, 1000 / bytesPerSecond);
    return this.shape({ bytes: Math.max(1, Math.floor((bytesPerSecond * everyMs) / 1000)), everyMs });
  }

  /** All answers arrive in pieces of so many bytes, packets cut anywhere, until released. */
  splitPackets(bytes: number): Stall {
    return this.shape({ bytes, everyMs: 0 });
  }

  /** Answers are gathered and arrive together, many packets at once, until released. */
  mergePackets(everyMs: number): Stall {
    return this.shape({ bytes: Infinity, everyMs });
  }

  /** All connections stay open, but nothing comes any more and nothing is heard; released, they are cut. */
  halfOpen(): Stall {
    const struck = [...this.connections];
    for (const connection of struck) connection.mute();
    return {
      release: () => {
        for (const connection of struck) connection.reset();
      },
    };
  }

  private shape(traffic: Traffic): Stall {
    this.traffic = traffic;
    return { release: () => (this.traffic = undefined) };
  }

  /**
   * Another server takes over that lags behind: connections are cut, and what was captured after the LSN isn't there
   * until it has caught up. Release lets it catch up; the rows are the same then.
   */
  failOver(database: string, lsn: Buffer): Stall {
    const catchUp = hideAfter(this.database(database), BigInt(`0x${lsn.toString("hex")}`));
    this.disconnectAll();
    return { release: catchUp };
  }

  /** Runs a script of batches separated by GO, without a client, as `sa`. Throws its first error. */
  async run(database: string, script: string): Promise<void> {
    await runScript(this.backend, database, script);
  }

  /** Puts made-up rows with whole-number keys from `first` on into a table, fast, past log and capture. */
  fill(
    database: string,
    schema: string,
    table: string,
    rows: { readonly count: number; readonly first?: number; readonly seed?: number },
  ): void {
    fill(this.table(database, schema, table), rows.count, rows.first, rows.seed);
  }

  /** Puts rows into a table as they are, fast, past log, capture and constraints. See {@link Values} for their form. */
  load(database: string, schema: string, table: string, rows: Iterable<Values>): void {
    load(this.table(database, schema, table), rows);
  }

  /** Makes a source of transactions that are captured at once, at a rate that no client could write. */
  feed(database: string, options: FeedOptions): ChangeFeed {
    return new ChangeFeed(this.database(database), this.agent, options);
  }

  /** The fault that is planned for the rows of a request. */
  hookFor(text: string): RowHook | undefined {
    this.requests += 1;
    const planned = take(this.rowFaults, text);
    return planned?.hook();
  }

  /** What strikes a request before it runs. */
  beforeStatement(session: SqlSession, text: string): Promise<void> | undefined {
    return take(this.statementFaults, text)?.strike(session);
  }

  private fail(strike: Strike, error: (session: SqlSession) => SqlError): void {
    const act = (session: SqlSession) => Promise.reject(error(session));
    this.statementFaults.push({ match: strike.match, left: strike.times ?? 1, strike: act });
  }

  private table(database: string, schema: string, name: string): Table {
    const found = this.database(database).table(schema, name);
    if (!found) throw sqlError(208, `${schema}.${name}`);
    return found;
  }

  private database(name: string): Database {
    const found = this.backend.instance.database(name);
    if (!found) throw sqlError(911, name);
    return found;
  }
}

function take<T extends Planned>(planned: T[], text: string): T | undefined {
  const found = planned.find(({ match, left }) => left > 0 && match.test(text));
  if (found && --found.left === 0) planned.splice(planned.indexOf(found), 1);
  return found;
}

function openLater(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
