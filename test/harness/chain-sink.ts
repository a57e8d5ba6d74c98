import type { TestDatabase } from "./database";
import { COPIED, STREAMED } from "./chain-source";
import { deployTables } from "./deploy-tables";
import { column, sinkTable } from "./sink-model";

/** Schema of the tables of {@link deployChainSink}. */
export const CHAIN_SCHEMA = "shop";
/** All tables of a {@link ./chain-source.ChainSource}. */
export const CHAIN_TABLES = [...STREAMED, COPIED] as const;

const COLUMNS = [
  column("Id", "integer", { nullable: false }),
  column("Name", "varchar(20)", { nullable: false }),
  column("Amount", "integer", { nullable: false }),
];

/** Makes the tables that those of a chain's source go to. */
export async function deployChainSink(database: TestDatabase): Promise<void> {
  const table = (name: string) =>
    sinkTable(CHAIN_SCHEMA, name, { columns: COLUMNS, source: { schema: "dbo", table: name } });
  await deployTables(database, CHAIN_TABLES.map(table));
}

/** The rows of a table in the sink: `Id|Name|Amount`, in the order of that text, as the source tells its own. */
export async function sinkRows(database: TestDatabase, table: string): Promise<string[]> {
  const { rows } = await database.query<{ row: string }>(
    `SELECT concat_ws('|', "Id", "Name", "Amount") AS row FROM ${CHAIN_SCHEMA}."${table}"`,
  );
  return rows.map(({ row }) => row).sort();
}
