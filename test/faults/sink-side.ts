import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { createTestDatabase, testServer, type PgConfig, type TestDatabase } from "../harness/database";
import { deployTables } from "../harness/deploy-tables";
import { auditStatements } from "./audit";
import { ROW_TEXT, SINK_TABLES, TENANTS, TABLES, type TableName, type Tenant } from "./tables";

const STATE = ["sources", "source_tables", "tombstones", "dead_letters", "leases", "cdc_processing_log"];
const FINALS = TENANTS.flatMap((tenant) => TABLES.map((table) => `${tenant}.${table}`));
const STAGED = TENANTS.flatMap((tenant) => TABLES.map((table) => `${tenant}."stg_${table}"`));
const AUDIT = ["faults.seen", "faults.found", "faults.strikes"];
const ALL = [...FINALS, ...STAGED, ...STATE.map((name) => `cdc_management.${name}`), ...AUDIT];
/** Rows that were deleted are in the way after a while. */
const RUNS_BETWEEN_TRUNCATES = 15;
const RECONNECT_MS = 60_000;

/** The sink of a lane: one database, emptied for every run. */
export class SinkSide {
  private runs = 0;

  private constructor(
    private readonly database: TestDatabase,
    private client: Client,
  ) {}

  static async open(on: Omit<PgConfig, "database"> = testServer()): Promise<SinkSide> {
    const database = await createTestDatabase(on);
    await deployTables(database, SINK_TABLES);
    await database.query(auditStatements().join(";\n"));
    return new SinkSide(database, await database.connect());
  }

  get config(): PgConfig {
    return this.database.config;
  }

  async query<R extends object>(sql: string, params: unknown[] = []): Promise<R[]> {
    const { rows } = await this.client.query<R>(sql, params);
    return rows;
  }

  /** Asks what is asked often, and planned once: texts of one name are the same. */
  async ask<R extends object>(name: string, text: string): Promise<R[]> {
    const { rows } = await this.client.query<R>({ name, text });
    return rows;
  }

  /** Another session, closed with the database. */
  connect(): Promise<Client> {
    return this.database.connect();
  }

  /** After the server was gone. */
  async reconnect(): Promise<void> {
    await this.client.end().catch(() => undefined);
    const deadline = Date.now() + RECONNECT_MS;
    for (;;) {
      try {
        this.client = await this.database.connect();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(20);
      }
    }
  }

  async begin(): Promise<void> {
    await this.alone();
    this.runs += 1;
    // The client sends them as one message, so they are one transaction.
    const empty =
      this.runs % RUNS_BETWEEN_TRUNCATES === 0
        ? `TRUNCATE ${ALL.join(", ")}`
        : `SET LOCAL session_replication_role = replica; ${ALL.map((table) => `DELETE FROM ${table}`).join("; ")}`;
    await this.client.query(empty);
  }

  /** Waits until no session of a stream is left: what it had not committed is undone then. */
  async alone(longestMs = 10_000): Promise<void> {
    const others =
      "SELECT state, query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pulumi-cdc'";
    const deadline = Date.now() + longestMs;
    for (;;) {
      const left = await this.query(others);
      if (left.length === 0) return;
      if (Date.now() > deadline) throw new Error(`sessions are left in the sink: ${JSON.stringify(left)}`);
      await sleep(3);
    }
  }

  /** Makes the next writes of rows fail with a SQLSTATE, so many times. */
  async strike(state: string, times: number): Promise<void> {
    await this.query("DELETE FROM faults.strikes");
    await this.query("INSERT INTO faults.strikes SELECT $1, nextval('faults.passes') + 1 + $2", [state, times]);
  }

  async unstrike(): Promise<void> {
    await this.query("DELETE FROM faults.strikes");
  }

  /** The rows of a table as text, sorted. */
  async rows(tenant: Tenant, table: TableName): Promise<string[]> {
    const rows = await this.query(`SELECT ${ROW_TEXT[table].sink} FROM ${tenant}.${table}`);
    return rows.map((row) => JSON.stringify(Object.values(row))).sort();
  }

  /** What the audit found. */
  async found(): Promise<{ readonly kind: string; readonly text: string }[]> {
    return this.query(
      "SELECT kind, concat_ws(' ', place, key, encode(position, 'hex'), 'after', encode(before, 'hex')) AS text FROM faults.found",
    );
  }

  async close(): Promise<void> {
    await this.database.drop();
  }
}
