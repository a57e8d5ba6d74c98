import { msSqlConfigOf, type ConnectionSettings } from "../../../databases/sqlserver/connection-settings";
import type { MsSqlConfig } from "../../../databases/sqlserver/config";
import { CdcError } from "../../../lib/errors";
import type { SnapshotMode } from "../../../model/topology";
import manifest from "./provider.json";

/** Config of the input; provider.json tells every key. */
export interface SqlServerInputConfig extends ConnectionSettings {
  readonly tables: readonly (string | TableConfig)[];
  readonly snapshot?: SnapshotMode;
  readonly tenant?: string;
  readonly poll_interval_ms?: number;
  readonly max_poll_interval_ms?: number;
  readonly checkpoint?: { readonly file: string };
}

/** A table of the config. */
export interface TableConfig {
  readonly name: string;
  readonly capture_instance?: string;
  readonly columns?: readonly string[];
  readonly snapshot?: SnapshotMode;
}

/** JSON Schema of {@link SqlServerInputConfig}. */
export const SQLSERVER_SCHEMA: Readonly<Record<string, unknown>> = manifest.configSchema;

const MODES: readonly unknown[] = ["never", "initial", "when_needed"] satisfies SnapshotMode[];

/** What is wrong with a config, as a sentence that shows no secret; undefined when nothing is. */
export function sqlServerProblem(config: unknown): string | undefined {
  const known = config as Partial<SqlServerInputConfig>;
  const unknown = Object.keys(known).find((key) => !Object.hasOwn(manifest.configSchema.properties, key));
  if (unknown !== undefined) return `${unknown} is no setting of the input sqlserver`;
  const { tables, snapshot, poll_interval_ms: min, max_poll_interval_ms: max, checkpoint } = known;
  if (!Array.isArray(tables) || tables.length === 0) return "tables must name at least one table";
  for (const table of tables as readonly unknown[]) {
    const problem = tableProblem(table);
    if (problem !== undefined) return problem;
  }
  if (snapshot !== undefined && !MODES.includes(snapshot)) return `snapshot can't be ${JSON.stringify(snapshot)}`;
  for (const [name, value] of Object.entries({ poll_interval_ms: min, max_poll_interval_ms: max }))
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      return `${name} must be a whole number from 1 on`;
  if (checkpoint !== undefined && typeof (checkpoint as { file?: unknown }).file !== "string")
    return "checkpoint needs a file";
  return connectionProblem(known);
}

/** How the database is reached. */
export function connectionOf(config: Partial<SqlServerInputConfig>): MsSqlConfig {
  const { connection_string, host, port, database, user, password, encrypt, trust_server_certificate } = config;
  const all = { connection_string, host, port, database, user, password, encrypt, trust_server_certificate };
  return msSqlConfigOf(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

/** The tables, each as an object. */
export function tablesOf({ tables = [] }: Partial<SqlServerInputConfig>): TableConfig[] {
  return tables.map((table) => (typeof table === "string" ? { name: table } : table));
}

function tableProblem(table: unknown): string | undefined {
  if (typeof table === "string") return table === "" ? "a table has no name" : undefined;
  const { name, snapshot, columns } = (table ?? {}) as Partial<Record<keyof TableConfig, unknown>>;
  if (typeof name !== "string" || name === "") return "a table has no name";
  if (snapshot !== undefined && !MODES.includes(snapshot))
    return `snapshot of ${name} can't be ${JSON.stringify(snapshot)}`;
  const isList = columns === undefined || (Array.isArray(columns) && columns.length > 0);
  return isList ? undefined : `columns of ${name} must be a list of names`;
}

function connectionProblem(config: Partial<SqlServerInputConfig>): string | undefined {
  try {
    connectionOf(config);
    return undefined;
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    return [error.message, error.hint].filter(Boolean).join(". ");
  }
}
