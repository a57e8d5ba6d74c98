import { CdcError } from "../lib/errors";

/** A kind of server, as what is told of its settings calls it. */
export interface ServerKind {
  /** Such as `PostgreSQL`. */
  readonly title: string;
  /** Code of what is missing or wrong, such as `CDC_PG_NOT_CONFIGURED`. */
  readonly code: string;
  readonly defaultPort: number;
}

/** Where a database is, as configuration has it. */
export interface WrittenPlace {
  readonly host?: string;
  readonly port?: number | string;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
}

/** Where a database is; the password is absent where none is needed. */
export interface DatabasePlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
}

/**
 * The place that settings name; a single setting is stronger than the connection string's part.
 * @throws CdcError of the kind's code, naming what is missing or wrong.
 */
export function placeOf(kind: ServerKind, own: WrittenPlace, parts: WrittenPlace): DatabasePlace {
  const password = own.password ?? parts.password;
  return {
    host: required(kind, "host", own.host ?? parts.host),
    port: portOf(kind, own.port ?? parts.port),
    database: required(kind, "database", own.database ?? parts.database),
    user: required(kind, "user", own.user ?? parts.user),
    ...(password === undefined ? {} : { password }),
  };
}

/** A setting that can't be what it is. */
export function wrongSetting({ title, code }: ServerKind, name: string, value: unknown): CdcError {
  return new CdcError(code, `${name} of ${title} can't be ${String(value)}`);
}

function required({ title, code }: ServerKind, name: string, value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  throw new CdcError(code, `no ${name} is set for ${title}`, {
    hint: `Set \`${name}\`, or name it in \`connection_string\`.`,
  });
}

function portOf(kind: ServerKind, value: number | string | undefined): number {
  const port = value === undefined || value === "" ? kind.defaultPort : Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrongSetting(kind, "port", value);
}
