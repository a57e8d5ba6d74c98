import type { PgConfig } from "../databases/postgres/config";
import { differencesOf, inspect } from "./compare/inspect";
import type { Difference } from "./compare/live-unit";
import type { OddOne } from "./compare/odd-ones";
import type { MigrationFolder } from "./folder";

/** What the live database has otherwise than the files say. */
export interface LiveComparison {
  readonly sink: string;
  readonly environment: string;
  readonly database: string;
  readonly differences: readonly Difference[];
  /** Schemas that are the odd one out. */
  readonly odd: readonly OddOne[];
}

/**
 * Compares the live database with the files, whatever the history says, and changes nothing.
 * Throws CdcError when folder or database cannot be read.
 */
export async function compareLive(
  folder: MigrationFolder,
  environment: string,
  config: PgConfig,
): Promise<LiveComparison> {
  const { units, infrastructure, odd } = await inspect(folder, environment, config);
  const differences = [...infrastructure.differences, ...units.flatMap(({ live }) => differencesOf(live))];
  return { sink: folder.manifest.sink.name, environment, database: config.database, differences, odd };
}
