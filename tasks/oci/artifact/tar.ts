/** Bytes of a header, and what contents are padded to. */
export const BLOCK = 512;

/** What a tar archive can hold here. */
export interface TarEntry {
  /** With `/`, relative, without a trailing `/`. */
  readonly name: string;
  readonly type: "file" | "folder" | "link";
  /** In bytes; 0 for all but files. */
  readonly size: number;
  readonly isExecutable: boolean;
  /** Where a link points to. */
  readonly target?: string;
}

const TYPES = { file: "0", folder: "5", link: "2" } as const;
const LONGEST_PLAIN = 100;

/** The header of an entry. No time, no owner: the same content is the same archive everywhere. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.type === "folder" ? `${entry.name}/` : entry.name;
  const { target = "" } = entry;
  const mode = entry.isExecutable || entry.type !== "file" ? 0o755 : 0o644;
  const plain = header(name, target, TYPES[entry.type], entry.size, mode);
  if (isPlain(name) && isPlain(target)) return plain;
  const records = Buffer.from(paxRecord("path", name) + (target === "" ? "" : paxRecord("linkpath", target)));
  return Buffer.concat([header("PaxHeader", "", "x", records.length, 0o644), padded(records), plain]);
}

/** Zeros up to the next block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What an archive ends with. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

function header(name: string, target: string, type: string, size: number, mode: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, LONGEST_PLAIN);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(target, 157, LONGEST_PLAIN);
  block.write("ustar\u000000", 257);
  block.write(`${octal(checksum(block), 6)}\u0000 `, 148);
  return block;
}

/** Sum of the bytes of a header, its own field as spaces. */
export function checksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function isPlain(text: string): boolean {
  return text.length <= LONGEST_PLAIN && /^[\u0020-\u007e]*$/.test(text);
}

/** `<length> key=value\n`, the length counting itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${String(length)} ${key}=${value}\n`;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, padding(bytes.length)]);
}
