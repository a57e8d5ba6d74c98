import { createHash } from "node:crypto";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { openSession, type Session } from "../../databases/sqlserver/connection";
import { errorNumber, toCdcError } from "../../databases/sqlserver/errors";
import type { Parameter } from "../../databases/sqlserver/parameters";
import { readRows } from "../../databases/sqlserver/rows/read-rows";
import { CdcError } from "../../lib/errors";
import {
  CLOCK_TOKEN,
  GET_LOCK,
  lastHolder,
  LOCK_MODE,
  makeTokenTable,
  nextToken,
  tokenTable,
} from "../../sql/sqlserver/lease-statements";
import type { Grip, LeaseBackend } from "./lease";

/** Where fencing tokens come from: a table, or the server's clock where no table may be made. */
export type TokenSource = "clock" | { readonly schema: string; readonly table: string };

/** The table of fencing tokens, unless told otherwise. */
export const TOKEN_TABLE = { schema: "dbo", table: "cdc_lease_tokens" } as const;

const MAX_RESOURCE_LENGTH = 255;
const LONGEST_ANSWER_MS = 10_000;
const NOT_ALLOWED = [262, 2760, 1088, 229, 230];

/**
 * Leases as application locks (`sp_getapplock`) of sessions that stay open. A lock is free as soon as the server knows
 * that the session has ended, and not before: a holder that stands still keeps it.
 */
export class SqlServerLeases implements LeaseBackend {
  readonly title = "SQL Server";
  readonly runsOut = false;
  /** The one that asks; a holder gets it for itself. */
  private asking: Session | undefined;

  constructor(
    private readonly config: MsSqlConfig,
    private readonly tokens: TokenSource = TOKEN_TABLE,
  ) {}

  async take(name: string, holder: string, ttlMs: number): Promise<Grip | string> {
    const resource = resourceOf(name);
    const session = await this.session();
    try {
      const rows = await this.ask(session, GET_LOCK, [text("resource", resource)]);
      if (Number(rows[0]) < 0) return await this.holderOf(session, name);
      const token = await this.token(session, name, holder);
      this.asking = undefined;
      return new SqlServerGrip(token, session, () => this.hasLock(session, resource, ttlMs));
    } catch (error) {
      // Whatever it has taken must not stay.
      await this.close();
      throw toCdcError(error, this.config, `lease ${name}`);
    }
  }

  close(): Promise<void> {
    this.asking?.close();
    this.asking = undefined;
    return Promise.resolve();
  }

  private async session(): Promise<Session> {
    if (this.asking?.isBroken() === false) return this.asking;
    try {
      return (this.asking = await openSession({ ...this.config, applicationName: "pulumi-cdc lease" }));
    } catch (error) {
      throw toCdcError(error, this.config, "lease");
    }
  }

  private async token(session: Session, name: string, holder: string): Promise<string> {
    if (this.tokens === "clock") return (await this.ask(session, CLOCK_TOKEN))[0] ?? "";
    const { schema, table } = this.tokens;
    try {
      await this.ask(session, makeTokenTable(schema, table));
      const [token = ""] = await this.ask(session, nextToken(schema, table), [
        text("name", name),
        text("holder", holder),
      ]);
      return token;
    } catch (error) {
      throw NOT_ALLOWED.includes(errorNumber(error) ?? 0) ? noTokens(this.config, this.tokens, error) : error;
    }
  }

  private async holderOf(session: Session, name: string): Promise<string> {
    if (this.tokens === "clock") return "";
    const { schema, table } = this.tokens;
    const rows = await this.ask(session, lastHolder(schema, table), [text("name", name)]).catch(() => []);
    return rows[0] ?? "";
  }

  private async hasLock(session: Session, resource: string, ttlMs: number): Promise<boolean> {
    if (session.isBroken()) return false;
    const rows = await this.ask(session, LOCK_MODE, [text("resource", resource)], ttlMs);
    return rows[0] === "Exclusive";
  }

  /** First column of all rows. */
  private async ask(
    session: Session,
    statement: string,
    parameters: readonly Parameter[] = [],
    timeoutMs = LONGEST_ANSWER_MS,
  ): Promise<string[]> {
    const values: string[] = [];
    for await (const { rows } of readRows(session, statement, { parameters, timeoutMs }))
      values.push(...rows.map((row) => row[0] ?? ""));
    return values;
  }
}

class SqlServerGrip implements Grip {
  readonly gone: Promise<void>;

  constructor(
    readonly token: string,
    private readonly session: Session,
    readonly renew: () => Promise<boolean>,
  ) {
    this.gone = new Promise((resolve) => session.connection.once("end", () => resolve()));
  }

  /** The end of its session frees the lock. */
  release(): Promise<void> {
    this.session.close();
    return Promise.resolve();
  }
}

/** The server cuts longer names off, so that different ones would be one. */
function resourceOf(name: string): string {
  const resource = `cdc:${name}`;
  if (resource.length <= MAX_RESOURCE_LENGTH) return resource;
  return `cdc:${createHash("sha256").update(name).digest("hex")}`;
}

function text(name: string, value: string): Parameter {
  return { name, type: "nvarchar", value };
}

function noTokens(
  { user, database }: MsSqlConfig,
  { schema, table }: Exclude<TokenSource, "clock">,
  cause: unknown,
): CdcError {
  const what = `${user} may neither write nor make the table ${schema}.${table} in database ${database}`;
  return new CdcError("CDC_LEASE_TOKENS", `${what}, which has the tokens of the leases`, {
    hint: `Let somebody run there: ${tokenTable(schema, table)}, and grant SELECT, INSERT and UPDATE on it; or take the tokens from the server's clock (\`token: clock\`).`,
    cause,
  });
}
