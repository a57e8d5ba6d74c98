import { CdcError } from "../../../lib/errors";
import type { CatalogTable } from "../../../model/catalog-table";
import {
  COLUMNS_QUERY,
  DATABASE_QUERY,
  DESCRIPTIONS_QUERY,
  KEYS_QUERY,
} from "../../../sql/sqlserver/catalog-statements";
import { describe, type MsSqlConfig } from "../config";
import { queryRows } from "../run";
import { catalogTables } from "./catalog-tables";

/** What a database holds. */
export interface DatabaseCatalog {
  readonly database: string;
  /** Tables of users, sorted by schema and name as the database sorts them. */
  readonly tables: readonly CatalogTable[];
}

/** Somebody waits at a terminal: a server that isn't there is told soon. */
const ATTEMPTS = 2;

/**
 * Every table of a database, in four queries however many there are.
 * @throws CdcError for a server that can't be reached, a refused login, a missing database, a missing right
 * (CDC_MSSQL_NO_VIEW_DEFINITION), or tables that change meanwhile (CDC_MSSQL_CATALOG_CHANGED).
 */
export async function readCatalog(config: MsSqlConfig, signal?: AbortSignal): Promise<DatabaseCatalog> {
  const read = (query: string) =>
    queryRows(config, query, [], {
      object: "catalog",
      attempts: ATTEMPTS,
      ...(signal === undefined ? {} : { signal }),
    });
  const [database] = await read(DATABASE_QUERY);
  // Without the right the catalog leaves out tables and expressions, and says nothing about it.
  if (database?.["sees_definitions"] !== "1") throw noRight(config);
  const [columns, keys, descriptions] = await Promise.all([
    read(COLUMNS_QUERY),
    read(KEYS_QUERY),
    read(DESCRIPTIONS_QUERY),
  ]);
  const tables = catalogTables({ columns, keys, descriptions, collation: database["collation_name"] ?? null });
  if (tables === undefined) throw changedMeanwhile(config);
  return { database: database["database_name"] ?? config.database, tables };
}

function noRight(config: MsSqlConfig): CdcError {
  return new CdcError(
    "CDC_MSSQL_NO_VIEW_DEFINITION",
    `SQL Server ${describe(config)}: the login may not see the definitions of the database`,
    { hint: `In ${config.database}: GRANT VIEW DEFINITION TO the user of this login.` },
  );
}

function changedMeanwhile(config: MsSqlConfig): CdcError {
  return new CdcError(
    "CDC_MSSQL_CATALOG_CHANGED",
    `SQL Server ${describe(config)}: tables were changed while their definitions were read`,
    { hint: "Run the command again." },
  );
}
