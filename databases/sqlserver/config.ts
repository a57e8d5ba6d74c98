/** How to reach one SQL Server database. Lives in memory only: never in state, a log or an error. */
export interface MsSqlConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  /** False sends everything in clear text. Default true. */
  readonly encrypt?: boolean;
  /** True encrypts without checking the server's certificate. Default false. */
  readonly trustServerCertificate?: boolean;
  /** Shown in `sys.dm_exec_sessions`; default `pulumi-cdc`. */
  readonly applicationName?: string;
}

/** The address as a message shows it: everything but the password. */
export function describe(config: MsSqlConfig): string {
  return `${config.host}:${String(config.port)}/${config.database} as ${config.user}`;
}

export function hasPassword(config: MsSqlConfig): config is MsSqlConfig & { readonly password: string } {
  return config.password !== undefined && config.password !== "";
}
