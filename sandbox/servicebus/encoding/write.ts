/** Writes the few AMQP 1.0 values that are put around kept bytes. */

/** A section: a described value. */
export function section(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x00, 0x53, code]), value]);
}

/** A list of encoded items; one part can be several of them. */
export function listOf(items: readonly Buffer[], count = items.length): Buffer {
  return compound(0xd0, items, count);
}

/** A map of encoded keys and values. */
export function mapOf(pairs: readonly Buffer[], count: number): Buffer {
  return compound(0xd1, pairs, count);
}

export function text(value: string): Buffer {
  return sized(0xa1, Buffer.from(value));
}

export function symbol(value: string): Buffer {
  return sized(0xa3, Buffer.from(value, "ascii"));
}

function sized(code: number, content: Buffer): Buffer {
  if (content.length < 256) return Buffer.concat([Buffer.from([code, content.length]), content]);
  const head = Buffer.alloc(5);
  head.writeUInt8(code + 0x10);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

function compound(code: number, parts: readonly Buffer[], count: number): Buffer {
  const head = Buffer.alloc(9);
  const size = parts.reduce((sum, { length }) => sum + length, 4);
  head.writeUInt8(code);
  head.writeUInt32BE(size, 1);
  head.writeUInt32BE(count, 5);
  return Buffer.concat([head, ...parts]);
}
