import { CdcError } from "../../../lib/errors";
import type { CatalogColumn, CatalogTable } from "../../../model/catalog-table";
import { nearestWord } from "../../../model/nearest-word";

/**
 * Columns whose values come down the stream: those that were chosen, else all. SQL Server captures no computed column.
 * @throws CdcError `CDC_SOURCE_TABLE` for a chosen one that isn't there, or can't be captured.
 */
export function readColumns(table: CatalogTable, chosen?: readonly string[]): readonly CatalogColumn[] {
  const all = table.columns.filter(({ computed }) => !computed);
  const missing = chosen?.find((name) => !all.some((column) => column.name === name));
  if (missing !== undefined) throw noColumn(missing, table, all);
  return chosen === undefined ? all : all.filter(({ name }) => chosen.includes(name));
}

function noColumn(name: string, { schema, table, columns }: CatalogTable, all: readonly CatalogColumn[]): CdcError {
  const isComputed = columns.some((column) => column.name === name);
  const near = nearestWord(
    name,
    all.map((column) => column.name),
  );
  const names = all.map((column) => column.name).join(", ");
  const hint = isComputed
    ? "SQL Server captures no computed column."
    : near === undefined
      ? `It has ${names}.`
      : `Did you mean ${near}?`;
  return new CdcError("CDC_SOURCE_TABLE", `table ${schema}.${table} has no column ${name} that can be read`, { hint });
}
