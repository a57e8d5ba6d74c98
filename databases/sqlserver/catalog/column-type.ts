import type { TextRow } from "../run";

/** A column's type, and the alias type it was declared with. */
export interface ColumnType {
  readonly type: string;
  readonly aliasType?: string;
}

/**
 * The type of a row of the columns query in SQL Server's spelling, with length, precision and scale. Alias types are
 * resolved; a CLR type of users keeps its name and schema.
 */
export function columnType(row: TextRow): ColumnType {
  const name = row["type_name"] ?? "";
  const base = row["base_type"] ?? name;
  const isClr = row["is_assembly_type"] === "1";
  if (isClr) return { type: row["is_user_defined"] === "1" ? withSchema(row, name) : name };
  if (name === base) return { type: spelled(base, row) };
  return { type: spelled(base, row), aliasType: row["is_user_defined"] === "1" ? withSchema(row, name) : name };
}

function withSchema(row: TextRow, name: string): string {
  return `${row["type_schema"] ?? "dbo"}.${name}`;
}

function spelled(base: string, row: TextRow): string {
  const bytes = Number(row["max_length"]);
  switch (base) {
    case "char":
    case "varchar":
    case "binary":
    case "varbinary":
      return `${base}(${bytes === -1 ? "max" : bytes})`;
    case "nchar":
    case "nvarchar":
      return `${base}(${bytes === -1 ? "max" : bytes / 2})`;
    case "decimal":
    case "numeric":
      return `${base}(${row["precision"] ?? ""},${row["scale"] ?? ""})`;
    case "time":
    case "datetime2":
    case "datetimeoffset":
      return `${base}(${row["scale"] ?? ""})`;
    // The older name says the wrong thing: it holds no time.
    case "timestamp":
      return "rowversion";
    default:
      return base;
  }
}
