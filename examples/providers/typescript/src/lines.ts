import { open } from "node:fs/promises";

/** A line, and the byte after its line end. */
export interface Line {
  readonly text: string;
  readonly end: number;
}

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Whole lines of a file from a byte on; what has no line end yet is left for the next time. */
export async function linesFrom(path: string, start: number): Promise<Line[]> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, start);
    return split(buffer.subarray(0, bytesRead), start);
  } finally {
    await file.close();
  }
}

function split(bytes: Buffer, start: number): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
    lines.push({ text: bytes.toString("utf8", from, end), end: start + end + 1 });
    from = end + 1;
  }
  return lines;
}
