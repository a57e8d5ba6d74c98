import type { TableShape } from "../../model/table-shape";

/** The shape of a sink table `sink.<table>` that takes columns of source table `dbo.<table>` by their own names. */
export function sourceShape(
  table: string,
  types: Readonly<Record<string, string>>,
  key: readonly string[] = ["id"],
): TableShape {
  return {
    version: 1,
    schema: "sink",
    table,
    staging: `stg_${table}`,
    procedure: `merge_${table}`,
    source: { schema: "dbo", table },
    key,
    columns: Object.entries(types).map(([name, type]) => ({
      name,
      type,
      nullable: !key.includes(name),
      source: name,
    })),
    onDelete: "hard",
    transforms: [],
  };
}
