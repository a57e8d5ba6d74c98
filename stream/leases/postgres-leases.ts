import type { PgConfig } from "../../databases/postgres/config";
import { errorCode } from "../../databases/postgres/errors";
import { queryRows, runStatements } from "../../databases/postgres/run";
import { CdcError } from "../../lib/errors";
import { SQLSTATE } from "../../sql/sqlstates";
import { takeLease } from "../../sql/take-lease";
import type { Grip, LeaseBackend } from "./lease";

/** Settings of {@link PostgresLeases}. */
export interface PostgresLeaseOptions {
  /**
   * True: a holder whose lease ran out goes on with a new token when nobody has had it meanwhile. For who reads the
   * token anew for each transaction.
   */
  readonly mayRunOut?: boolean;
}

const HOLDER = "SELECT holder FROM cdc_management.leases WHERE name = $1";
const RELEASE = "SELECT cdc_management.release_lease($1, $2::bigint)";
const NO_SCHEMA = ["42P01", "3F000", "42883"];

/** Leases as rows of the schema `cdc_management`, by the server's clock alone. */
export class PostgresLeases implements LeaseBackend {
  readonly title = "PostgreSQL";
  readonly runsOut: boolean;

  constructor(
    private readonly config: PgConfig,
    private readonly options: PostgresLeaseOptions = {},
  ) {
    this.runsOut = options.mayRunOut !== true;
  }

  async take(name: string, holder: string, ttlMs: number): Promise<Grip | string> {
    const token = await this.ask(name, holder, ttlMs);
    if (token === null) return this.holderOf(name);
    return new PostgresGrip(token, {
      renew: () => this.ask(name, holder, ttlMs, 1),
      giveBack: (own) => this.giveBack(name, own),
      mayRunOut: this.options.mayRunOut === true,
    });
  }

  /** The process's pool stays. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async ask(name: string, holder: string, ttlMs: number, attempts?: number): Promise<string | null> {
    const tries = attempts === undefined ? {} : { attempts };
    // Who writes under the lease holds it until the transaction ends: that is waited for.
    const options = { object: `lease ${name}`, repeatable: true, lockTimeoutMs: 0, ...tries };
    try {
      const answers = await runStatements(this.config, takeLease(name, holder, ttlMs), options);
      return (answers.at(-1)?.rows[0]?.["token"] as string | null | undefined) ?? null;
    } catch (error) {
      // Somebody has begun it meanwhile.
      if (errorCode(error) === SQLSTATE.staleLease) return null;
      throw NO_SCHEMA.includes(errorCode(error) ?? "") ? notDeployed(this.config, error) : error;
    }
  }

  private async holderOf(name: string): Promise<string> {
    const rows = await queryRows<{ holder: string }>(this.config, HOLDER, [name], { object: `lease ${name}` });
    return rows[0]?.holder ?? "";
  }

  private async giveBack(name: string, token: string): Promise<void> {
    await queryRows(this.config, RELEASE, [name, token], { attempts: 1 }).catch(() => undefined);
  }
}

interface GripParts {
  renew(): Promise<string | null>;
  giveBack(token: string): Promise<void>;
  readonly mayRunOut: boolean;
}

class PostgresGrip implements Grip {
  constructor(
    public token: string,
    private readonly parts: GripParts,
  ) {}

  async renew(): Promise<boolean> {
    const token = await this.parts.renew();
    if (token === this.token) return true;
    // It had run out, as of a process that was stopped for a while. The next token: nobody else has had it.
    if (token !== null && this.parts.mayRunOut && BigInt(token) === BigInt(this.token) + 1n) {
      this.token = token;
      return true;
    }
    if (token !== null) await this.parts.giveBack(token);
    return false;
  }

  release(): Promise<void> {
    return this.parts.giveBack(this.token);
  }
}

function notDeployed({ database }: PgConfig, cause: unknown): CdcError {
  return new CdcError(
    "CDC_NOT_DEPLOYED",
    `database ${database} has no leases: no cdc_management schema of this version`,
    {
      hint: "Run `cdc up` for a stack with this database, or keep the lease elsewhere.",
      cause,
    },
  );
}
