import { unsupported } from "../errors";
import { DEFAULT_COLLATION } from "./collation";

const HIGH =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

const TO_BYTE = new Map<string, number>();
const FROM_BYTE: string[] = [];
for (let byte = 0; byte < 256; byte++) {
  const character = byte >= 0x80 && byte < 0xa0 ? (HIGH[byte - 0x80] ?? "?") : String.fromCharCode(byte);
  TO_BYTE.set(character, byte);
  FROM_BYTE.push(character);
}

const ASCII = /^[\x00-\x7f]*$/;

const LATIN1 = /^[\x00-\x7f\xa0-\xff]*$/;

/** True when each character is one byte in the collation's code page, of the character's number. */
export function isLatin1(text: string, collation = DEFAULT_COLLATION): boolean {
  return !isUtf8(collation) && LATIN1.test(text);
}

/** The bytes of varchar text in its collation's code page: Windows-1252 or UTF-8. */
export function encodeText(text: string, collation = DEFAULT_COLLATION): Buffer {
  if (isUtf8(collation)) return Buffer.from(text, "utf8");
  if (LATIN1.test(text)) return Buffer.from(text, "latin1");
  return Buffer.from(Array.from(text, (character) => TO_BYTE.get(character) ?? 0x3f));
}

/** The text of bytes in a collation's code page. */
export function decodeText(bytes: Buffer, collation = DEFAULT_COLLATION): string {
  if (isUtf8(collation)) return bytes.toString("utf8");
  let text = "";
  for (const byte of bytes) text += FROM_BYTE[byte] ?? "?";
  return text;
}

/** What is left of a text when it is stored as varchar: what the code page lacks becomes `?`. */
export function toCodePage(text: string, collation = DEFAULT_COLLATION): string {
  if (isUtf8(collation) || ASCII.test(text)) return text;
  return Array.from(text, (character) => (TO_BYTE.has(character) ? character : "?".repeat(character.length))).join("");
}

/** Bytes that the text takes as varchar. */
export function byteLength(text: string, collation = DEFAULT_COLLATION): number {
  return isUtf8(collation) ? Buffer.byteLength(text, "utf8") : text.length;
}

function isUtf8(collation: string): boolean {
  if (collation.endsWith("_UTF8")) return true;
  if (/^(SQL_)?Latin1_General/i.test(collation)) return false;
  throw unsupported(`the code page of collation ${collation}`);
}
