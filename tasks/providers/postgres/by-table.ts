import { CdcError } from "../../../lib/errors";
import type { CatalogTable } from "../../../model/catalog-table";
import { parseTableName } from "../../../model/table-name";
import type { SourceTableDescription } from "../../lifecycle/contribution";

/** A table of the source that its database could be asked about. */
export interface KnownTable extends SourceTableDescription {
  readonly definition: CatalogTable;
}

/**
 * What the output's configuration says of single tables, by their names at the source or in the sink.
 * @throws CdcError `CDC_SINK_TABLE` for a name that is no table of the input, or may be several.
 */
export function byTable<T>(
  setting: string,
  written: Readonly<Record<string, T>> = {},
  tables: readonly KnownTable[],
  sinkSchema: string | undefined,
): ReadonlyMap<KnownTable, T> {
  return new Map(
    Object.entries(written).map(([name, value]) => {
      const wanted = parseTableName(name);
      const isMeant = ({ schema, table }: KnownTable): boolean =>
        isSame(table, wanted.table) &&
        [schema, sinkSchema ?? schema].some((one) => isSame(one, wanted.schema ?? schema));
      const [found, other] = tables.filter(isMeant);
      if (found !== undefined && other === undefined) return [found, value] as const;
      const what = found === undefined ? "no table" : "several tables";
      throw new CdcError("CDC_SINK_TABLE", `${setting}: ${name} is ${what} of the input`, {
        hint: `The input has ${tables.map(({ schema, table }) => `${schema}.${table}`).join(", ")}.`,
      });
    }),
  );
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
