import { CdcError } from "../../../lib/errors";
import { BLOCK, checksum, type TarEntry } from "./tar";

/** Where the contents of an archive go. */
export interface TarSink {
  /** Begins an entry. The contents of a file follow. */
  entry(entry: TarEntry): Promise<void>;
  /** A part of the file that was begun last. */
  bytes(chunk: Buffer): Promise<void>;
}

const TYPES: Readonly<Record<string, TarEntry["type"]>> = { "0": "file", "\u0000": "file", "5": "folder", "2": "link" };
const LONGEST_PAX = 1024 * 1024;

/** Reads an archive, however its bytes are cut into chunks. Throws CdcError (CDC_PROVIDER_ARCHIVE) for what it doesn't know. */
export async function readTar(chunks: AsyncIterable<Buffer>, sink: TarSink): Promise<void> {
  const reader = new Blocks(chunks);
  let names: Readonly<Record<string, string>> = {};
  for (;;) {
    const block = await reader.take(BLOCK);
    if (block.every((byte) => byte === 0)) return;
    if (octalOf(block, 148, 8) !== checksum(block)) throw broken("a header's checksum is wrong");
    const [type, size] = [block.toString("latin1", 156, 157), octalOf(block, 124, 12)];
    if (type === "x" || type === "g") {
      if (size > LONGEST_PAX) throw broken("a header is too long");
      const records = paxRecords(await reader.take(size));
      await reader.skip(paddingOf(size));
      if (type === "x") names = records;
      continue;
    }
    await readEntry(reader, sink, entryOf(block, type, size, names));
    names = {};
  }
}

async function readEntry(reader: Blocks, sink: TarSink, entry: TarEntry): Promise<void> {
  await sink.entry(entry);
  for (let left = entry.size; left > 0;) {
    const chunk = await reader.some(left);
    await sink.bytes(chunk);
    left -= chunk.length;
  }
  await reader.skip(paddingOf(entry.size));
}

function entryOf(block: Buffer, type: string, size: number, names: Readonly<Record<string, string>>): TarEntry {
  const kind = TYPES[type];
  const prefix = textOf(block, 345, 155);
  const plain = prefix === "" ? textOf(block, 0, 100) : `${prefix}/${textOf(block, 0, 100)}`;
  const name = (names["path"] ?? plain).replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
  if (kind === undefined) throw broken(`"${name}" is of a kind that isn't unpacked (${type})`);
  const target = names["linkpath"] ?? textOf(block, 157, 100);
  return {
    name,
    type: kind,
    size: kind === "file" ? size : 0,
    isExecutable: (octalOf(block, 100, 8) & 0o100) !== 0,
    ...(kind === "link" ? { target } : {}),
  };
}

function paxRecords(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, space));
    if (!Number.isInteger(length) || length < 5) throw broken("a long name can't be read");
    const [, key = "", value = ""] = /^([^=]+)=(.*)$/s.exec(bytes.toString("utf8", space + 1, at + length - 1)) ?? [];
    found[key] = value;
    at += length;
  }
  return found;
}

/** Takes bytes out of chunks, as many as are asked for. */
class Blocks {
  private readonly iterator: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes. */
  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0;) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** At least one byte, and not more than `most`. */
  async some(most: number): Promise<Buffer> {
    while (this.rest.length === 0) {
      const next = await this.iterator.next();
      if (next.done === true) throw broken("it ends too early");
      this.rest = next.value;
    }
    const part = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(part.length);
    return part;
  }

  async skip(count: number): Promise<void> {
    await this.take(count);
  }
}

function textOf(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString("utf8", at, end < 0 ? at + length : Math.min(end, at + length));
}

function octalOf(block: Buffer, at: number, length: number): number {
  const text = block.toString("latin1", at, at + length).replace(/[\u0000 ]/g, "");
  if (!/^[0-7]*$/.test(text)) throw broken("a number can't be read");
  return text === "" ? 0 : parseInt(text, 8);
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function broken(reason: string): CdcError {
  return new CdcError("CDC_PROVIDER_ARCHIVE", `the provider's archive can't be unpacked: ${reason}`, {
    hint: "Pack and push it again with `cdc providers pack`.",
  });
}
