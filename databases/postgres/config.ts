/** How to reach one PostgreSQL database. Lives in memory only: never in state, a log or an error. */
export interface PgConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  /** `require` encrypts without checking the certificate, `verify` checks it. Off when absent. */
  readonly ssl?: "require" | "verify";
  /** Shown in `pg_stat_activity`; default `pulumi-cdc`. */
  readonly applicationName?: string;
}

/** The address as a message shows it: everything but the password. */
export function describe(config: PgConfig): string {
  return `${config.host}:${String(config.port)}/${config.database} as ${config.user}`;
}

export function hasPassword(config: PgConfig): config is PgConfig & { readonly password: string } {
  return config.password !== undefined && config.password !== "";
}
