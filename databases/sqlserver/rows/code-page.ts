import { TextDecoder } from "node:util";

/** Text of a range of bytes. */
export type ReadText = (buffer: Buffer, start: number, end: number) => string;

// What Node decodes as Windows does. 950 differs in its extensions, 437 and 850 are missing: the server converts those.
const LABELS: Readonly<Record<string, string>> = {
  CP932: "shift_jis",
  CP936: "gbk",
  CP949: "euc-kr",
};
const SINGLE_BYTE: Readonly<Record<string, string>> = {
  CP874: "windows-874",
  ...Object.fromEntries(
    [1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => [`CP${String(page)}`, `windows-${String(page)}`]),
  ),
};

// Some versions of Node decode windows-1252 as ISO 8859-1, so its bytes 0x80 to 0x9f stand here.
const WINDOWS_1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

const readers = new Map<string, ReadText | undefined>();

/**
 * How varchar bytes of a code page (as the driver names it: `CP1252`, `utf-8`) become text; undefined when we cannot.
 * Bytes that mean nothing in it become U+FFFD.
 */
export function codePageReader(codePage: string | undefined): ReadText | undefined {
  const name = codePage ?? "";
  if (!readers.has(name)) readers.set(name, makeReader(name));
  return readers.get(name);
}

export const readUtf16: ReadText = (buffer, start, end) => buffer.toString("utf16le", start, end);

function makeReader(name: string): ReadText | undefined {
  if (name.toLowerCase() === "utf-8") return (buffer, start, end) => buffer.toString("utf8", start, end);
  if (name === "CP1252") {
    return singleByteReader((byte) => WINDOWS_1252[byte - 128] ?? String.fromCharCode(byte));
  }
  const single = SINGLE_BYTE[name];
  const label = single ?? LABELS[name];
  const decoder = label === undefined ? undefined : decoderOf(label);
  if (decoder === undefined) return undefined;
  return single === undefined
    ? multiByteReader(decoder)
    : singleByteReader((byte) => decoder.decode(Uint8Array.of(byte)));
}

// Node may be built without most of them.
function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { ignoreBOM: true });
  } catch {
    return undefined;
  }
}

function singleByteReader(characterOf: (byte: number) => string): ReadText {
  const upper = Array.from({ length: 128 }, (_, index) => characterOf(128 + index));
  return (buffer, start, end) => {
    if (isAscii(buffer, start, end)) return buffer.toString("latin1", start, end);
    let text = "";
    for (let at = start; at < end; at += 1) {
      const byte = buffer[at] ?? 0;
      text += byte < 128 ? String.fromCharCode(byte) : (upper[byte - 128] ?? "");
    }
    return text;
  };
}

function multiByteReader(decoder: TextDecoder): ReadText {
  return (buffer, start, end) =>
    isAscii(buffer, start, end) ? buffer.toString("latin1", start, end) : decoder.decode(buffer.subarray(start, end));
}

function isAscii(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if ((buffer[at] ?? 0) >= 128) return false;
  return true;
}
