import type { TableColumn } from "../../databases/sqlserver/capture-state";
import { describe, type MsSqlConfig } from "../../databases/sqlserver/config";
import { CdcError } from "../../lib/errors";
import { nearestWord } from "../../model/nearest-word";
import { unpackList } from "../../sql/plans/packed";
import type { SourceTableProps } from "../../sql/plans/source-props";
import type { TwoInstances } from "../../sql/plans/source-table";
import { disableTable, scriptIn } from "../../sql/sqlserver/enable-statements";

/**
 * Compares what is to be captured with the table as it is.
 * @throws CdcError (CDC_SOURCE_TABLE) naming the nearest table or column.
 */
export async function checkSourceColumns(
  { schema, table, captured }: SourceTableProps,
  readColumns: () => Promise<readonly TableColumn[]>,
  readTables: () => Promise<readonly string[]>,
): Promise<void> {
  const columns = await readColumns();
  const name = `${schema}.${table}`;
  if (columns.length === 0) throw fault(`there is no table ${name}`, nearestWord(name, await readTables()));
  for (const wanted of unpackList(captured)) {
    const column = columns.find((one) => one.name === wanted);
    const names = columns.map((one) => one.name);
    if (column === undefined) throw fault(`table ${name} has no column ${wanted}`, nearestWord(wanted, names));
    if (column.computed)
      throw fault(`column ${wanted} of table ${name} is computed, which SQL Server does not capture`, undefined);
  }
}

/** Both instances that a table can have are needed. */
export function twoInstances(
  config: MsSqlConfig,
  props: SourceTableProps,
  { older, newer, why }: TwoInstances,
): CdcError {
  const { schema, table, database } = props;
  const message =
    `SQL Server ${describe(config)} (table ${schema}.${table}): it has two capture instances, ${older.name} and ` +
    `${newer.name}, the most there can be, and neither has just the columns that are wanted (error 22962)`;
  const script = scriptIn(database, [disableTable(schema, table, older.name)]);
  const hints = {
    "not-ours": `Somebody else made ${older.name}: when nobody reads it any more, have it removed, then deploy again:\n${script}`,
    "in-use": `A stream still reads ${older.name}: let \`cdc run\` move over to ${newer.name}, then deploy again.`,
    unknown: `Whether ${older.name} is still read can't be told: make the sinks reachable, then deploy again; where a task reads it, have it removed once the task reads ${newer.name}:\n${script}`,
  };
  return new CdcError("CDC_MSSQL_TWO_INSTANCES", message, { hint: hints[why] });
}

function fault(text: string, nearest: string | undefined): CdcError {
  const hint =
    nearest === undefined
      ? "Compare the schema YAML with the database: `cdc manage-services resources --inspect`."
      : `Did you mean ${nearest}? \`cdc manage-services resources --inspect\` compares the schema YAML with the database.`;
  return new CdcError("CDC_SOURCE_TABLE", text, { hint });
}
