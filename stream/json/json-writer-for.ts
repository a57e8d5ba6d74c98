import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import type { ByteWriter } from "../copy/bytes/byte-writer";
import { isSingleByte } from "../copy/bytes/texts";
import { exactWriterFor } from "../copy/bytes/writer-for";
import { asciiWriter, quotedWriter, singleByteWriter, textWriter, utf16Writer } from "./json-text";

/** Bytes of JSON that a byte of a value can become: a control character of a code page is `\u001f`. */
const GROWTH = 6;
/** Bytes of text that no value of a fixed width exceeds, with its quotes. */
const LONGEST_FIXED = 72;

/** Bytes that the JSON of values may take, which together have so many bytes. */
export function jsonRoom(bytes: number, values: number): number {
  return bytes * GROWTH + values * LONGEST_FIXED;
}

/** Writes values of a column as JSON strings with their exact text. */
export function jsonWriterFor(column: RawColumn): ByteWriter {
  switch (column.type) {
    case "NVarChar":
    case "NChar":
    case "NText":
      return utf16Writer();
    case "Xml":
      return utf16Writer(true);
    case "VarChar":
    case "Char":
    case "Text":
      return isSingleByte(column.codePage) ? singleByteWriter(column.read) : asciiWriter(textWriter(column.read));
    default: {
      const exact = exactWriterFor(column);
      return exact === undefined ? textWriter(column.read) : quotedWriter(exact);
    }
  }
}
