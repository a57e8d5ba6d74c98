import type { TableShape } from "../../model/table-shape";
import { COPY_NULL, type Codec } from "../encode/codec";
import { codecFor } from "../encode/codec-for";
import { escapeText } from "../encode/text";

/** A column of a staging table that the stream fills. */
export interface StagedColumn {
  /** Name in the sink. */
  readonly name: string;
  /** Key in the event's rows; empty for a template column. */
  readonly source: string;
  readonly codec: Codec;
  readonly isKey: boolean;
  readonly mayBeNull: boolean;
  /** COPY text of a template column. */
  readonly constant?: string;
  /** The name as an item of an array in COPY text. */
  readonly arrayItem: string;
}

/** The columns that the COPY names. A template column that its DEFAULT fills is none of them. */
export function stagedColumns(shape: TableShape): StagedColumn[] {
  const key = new Set(shape.key);
  const filled = shape.columns.filter((column) => column.source !== undefined || column.constant !== undefined);
  return filled.map(({ name, type, nullable, source, constant }) => {
    const codec = codecFor(type);
    const isKey = key.has(name);
    const column = {
      name,
      source: source ?? "",
      codec,
      isKey,
      mayBeNull: nullable && !isKey,
      arrayItem: arrayItem(name),
    };
    return source !== undefined || constant === undefined
      ? column
      : { ...column, constant: constantText(codec, constant) };
  });
}

// A constant that its type cannot hold was refused at deployment; the server would say so again.
function constantText(codec: Codec, constant: string | null): string {
  if (constant === null) return COPY_NULL;
  return codec.encode(constant) ?? escapeText(constant) ?? COPY_NULL;
}

function arrayItem(name: string): string {
  return escapeText(`"${name.replace(/["\\]/g, "\\$&")}"`) ?? "";
}
