import { describe, type PgConfig } from "../../databases/postgres/config";
import { errorCode, toCdcError } from "../../databases/postgres/errors";
import { newClient } from "../../databases/postgres/pool";
import { backoffMs, sleep } from "../../lib/retry";

/** A connection to PostgreSQL. */
export type PgClient = ReturnType<typeof newClient>;

/** Settings of a {@link Session}. */
export interface SessionOptions {
  /** Attempts in all at one piece of work; default 10 (about half a minute). */
  readonly attempts?: number;
  /** Told before each new attempt. */
  readonly onRetry?: (reason: string) => void;
  /** Statements with which every connection begins. */
  readonly settings?: string;
}

const ATTEMPTS = 10;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 8_000;
// What the server prints and reads must not depend on the settings of the role or the database.
/** First statements of every session. */
export const SESSION_SETTINGS =
  "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; SET xmloption = content; SET standard_conforming_strings = on";
const TRANSIENT = new Set(["40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03", "25P03"]);
const SOCKET = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);
const CUT_OFF = /connection terminated|connection ended|connection error|not queryable|timeout expired|socket/i;

/** One connection that is opened when needed and again when it broke, and work on it that may be repeated. */
export class Session {
  private client: PgClient | undefined;
  private wasConnected = false;
  private isClosed = false;

  constructor(
    readonly config: PgConfig,
    private readonly options: SessionOptions = {},
  ) {}

  /**
   * Runs the work, and again after a growing pause when the server or the network failed in a way that passes:
   * also when it is unknown whether a COMMIT was done. So the work must be harmless when it is done twice.
   * @throws CdcError naming the place, `object` and the remedy.
   */
  async run<T>(object: string, work: (client: PgClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(await this.connected());
      } catch (error) {
        await this.recover();
        if (this.isClosed || attempt >= (this.options.attempts ?? ATTEMPTS) || !this.mayPass(error)) {
          throw toCdcError(error, this.config, object);
        }
        this.options.onRetry?.(`PostgreSQL ${describe(this.config)}: ${messageOf(error)}`);
        await sleep(backoffMs(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS));
      }
    }
  }

  /** For good: work that is under way fails, and opens no connection again. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.giveUp();
  }

  private async giveUp(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  // A server that was never reached has more likely the wrong address than a bad moment.
  private mayPass(error: unknown): boolean {
    return isTransient(error) && (this.wasConnected || /^[0-9A-Z]{5}$/.test(errorCode(error) ?? ""));
  }

  private async connected(): Promise<PgClient> {
    if (this.client !== undefined) return this.client;
    const client = newClient(this.config);
    try {
      await client.connect();
      const { settings } = this.options;
      await client.query(settings === undefined ? SESSION_SETTINGS : `${SESSION_SETTINGS}; ${settings}`);
      // It may have been closed meanwhile.
      if (this.isClosed) throw new Error("the session was closed");
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    this.wasConnected = true;
    return client;
  }

  /** Leaves no transaction open; a connection that cannot do that is given up. */
  private async recover(): Promise<void> {
    try {
      await this.client?.query("ROLLBACK");
    } catch {
      await this.giveUp();
    }
  }
}

/** Whether the same work may succeed later without anybody doing anything. */
export function isTransient(error: unknown): boolean {
  const code = errorCode(error) ?? "";
  return TRANSIENT.has(code) || code.startsWith("08") || SOCKET.has(code) || CUT_OFF.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
