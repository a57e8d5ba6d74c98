import { userSql, type Sql } from "../sql";

/** A column of a key at the source. */
export interface SourceKeyColumn {
  readonly name: string;
  /** Its type without aliases, such as `nvarchar(50)`. */
  readonly type: string;
  /** Of texts. */
  readonly collation?: string;
  readonly nullable: boolean;
}

/** A value that goes beside the statement. */
export type SentValue =
  | { readonly name: string; readonly type: "int"; readonly value: number }
  | { readonly name: string; readonly type: "bigint"; readonly value: bigint }
  | { readonly name: string; readonly type: "float"; readonly value: number }
  | { readonly name: string; readonly type: "nvarchar"; readonly value: string }
  | { readonly name: string; readonly type: "varbinary"; readonly value: Buffer };

/** An expression of the column's own type, and the value that it needs. */
export interface KeyOperand {
  readonly operand: Sql;
  readonly parameter: SentValue;
}

type Kind = "int" | "bigint" | "text" | "plain" | "time" | "float" | "binary";

const KINDS: Readonly<Record<string, Kind>> = {
  ...each("text", ["char", "varchar", "nchar", "nvarchar"]),
  int: "int",
  bigint: "bigint",
  ...each("plain", ["smallint", "tinyint", "bit", "decimal", "numeric", "money", "smallmoney"]),
  ...each("plain", ["uniqueidentifier"]),
  ...each("time", ["date", "time", "datetime", "smalldatetime", "datetime2", "datetimeoffset"]),
  ...each("float", ["float", "real"]),
  ...each("binary", ["binary", "varbinary", "timestamp", "hierarchyid"]),
};

/** Whether keys of this type can be sent: all that an index takes but sql_variant and user-defined CLR types. */
export function isSendable(type: string): boolean {
  return Object.hasOwn(KINDS, baseName(type)) && !type.endsWith("(max)");
}

/**
 * A value of the column in exact text, for a comparison with it: converted to the very type and collation of the column
 * at the server, since a comparison of two types converts the column and then no index can be searched.
 * @throws RangeError for a type that is not {@link isSendable}.
 */
export function keyOperand(column: SourceKeyColumn, text: string, parameterName: string): KeyOperand {
  const { type } = column;
  const name = parameterName;
  const nvarchar = { name, type: "nvarchar", value: text } as const;
  switch (isSendable(type) ? KINDS[baseName(type)] : undefined) {
    case "int":
      return { operand: userSql(`@${name}`), parameter: { name, type: "int", value: Number(text) } };
    case "bigint":
      return { operand: userSql(`@${name}`), parameter: { name, type: "bigint", value: BigInt(text) } };
    // The code page of varchar is that of its collation, not of the database.
    case "text":
      return { operand: userSql(`CAST(@${name}${collate(column)} AS ${type})`), parameter: nvarchar };
    case "plain":
      return { operand: userSql(`CAST(@${name} AS ${type})`), parameter: nvarchar };
    // Style 121 is year, month, day whatever the language of the login.
    case "time":
      return { operand: userSql(`CONVERT(${type}, @${name}, 121)`), parameter: nvarchar };
    case "float":
      return { operand: userSql(`CAST(@${name} AS ${type})`), parameter: { name, type: "float", value: Number(text) } };
    case "binary": {
      const value = Buffer.from(text.replace(/^0x/i, ""), "hex");
      return { operand: userSql(`CAST(@${name} AS ${type})`), parameter: { name, type: "varbinary", value } };
    }
    default:
      throw new RangeError(`a key of type ${type} cannot be sent`);
  }
}

function collate({ collation }: SourceKeyColumn): string {
  if (collation === undefined) return "";
  if (!/^\w+$/.test(collation)) throw new RangeError(`not a collation: ${JSON.stringify(collation)}`);
  return ` COLLATE ${collation}`;
}

function baseName(type: string): string {
  return type.replace(/\(.*$/, "");
}

function each(kind: Kind, names: readonly string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}
