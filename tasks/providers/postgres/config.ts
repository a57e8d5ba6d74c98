import type { PgConfig } from "../../../databases/postgres/config";
import { pgConfigOf, type ConnectionSettings } from "../../../databases/postgres/connection-settings";
import { CdcError } from "../../../lib/errors";
import type { WrittenHints } from "../../../model/read-hints";
import manifest from "./provider.json";

/** Config of the output; provider.json tells every key. */
export interface PostgresOutputConfig extends ConnectionSettings {
  readonly pipeline?: string;
  readonly table?: string;
  readonly manage?: boolean;
  readonly schema?: string;
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  readonly manual_migration_hints?: Readonly<Record<string, WrittenHints>>;
  readonly on_delete?: "hard" | "soft";
}

/** JSON Schema of {@link PostgresOutputConfig}. */
export const POSTGRES_SCHEMA: Readonly<Record<string, unknown>> = manifest.configSchema;

/** What is wrong with a config, as a sentence that shows no secret; undefined when nothing is. */
export function postgresProblem(config: unknown): string | undefined {
  const known = config as PostgresOutputConfig;
  const unknown = Object.keys(known).find((key) => !Object.hasOwn(manifest.configSchema.properties, key));
  if (unknown !== undefined) return `${unknown} is no setting of the output postgres`;
  try {
    connectionOf(known);
    return undefined;
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    return [error.message, error.hint].filter(Boolean).join(". ");
  }
}

/** How the database is reached. */
export function connectionOf(config: PostgresOutputConfig): PgConfig {
  const { connection_string, host, port, database, user, password, ssl } = config;
  const all = { connection_string, host, port, database, user, password, ssl };
  return pgConfigOf(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}
