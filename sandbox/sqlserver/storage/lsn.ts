/**
 * A log sequence number: virtual log file (4 bytes), block in it (4 bytes), slot in the block (2 bytes), as one
 * number whose order is the order of the log.
 */
export type Lsn = bigint;

/** Bytes of an LSN. */
export const LSN_LENGTH = 10;

/** The lowest LSN, which no record has. */
export const ZERO_LSN: Lsn = 0n;

/** The ten bytes of binary(10). */
export function lsnBytes(lsn: Lsn): Buffer {
  return Buffer.from(lsn.toString(16).padStart(LSN_LENGTH * 2, "0"), "hex");
}

/** The LSN of ten bytes; shorter ones are padded on the right, as binary(10) does. */
export function lsnOf(bytes: Buffer): Lsn {
  const full = Buffer.alloc(LSN_LENGTH);
  bytes.copy(full);
  return BigInt(`0x${full.toString("hex")}`);
}

/** The LSN as sys views print it: `0000002a:00000899:0003`. */
export function lsnText(lsn: Lsn): string {
  const hex = lsn.toString(16).padStart(LSN_LENGTH * 2, "0");
  return `${hex.slice(0, 8)}:${hex.slice(8, 16)}:${hex.slice(16)}`;
}

const SLOT_BITS = 16n;
const BLOCK_BITS = 32n;
const MAX_SLOT = 400;
const MAX_BLOCK = 0x4_0000;

/** Gives out LSNs in the order of the log. */
export class LogSpace {
  private file = 0x25;
  private block = 0x30;
  private slot = 0;

  /** The next record's LSN. */
  next(): Lsn {
    this.advance();
    return this.current();
  }

  /** Writes the next record's LSN: what {@link next} gives, for those who need no number. */
  writeNext(bytes: Buffer): Buffer {
    this.advance();
    this.write(bytes);
    return bytes;
  }

  /** Writes the LSN that comes after so many others. */
  writeAhead(bytes: Buffer, others: number): Buffer {
    const { file, block, slot } = this;
    for (let i = 0; i <= others; i++) this.advance();
    this.write(bytes);
    [this.file, this.block, this.slot] = [file, block, slot];
    return bytes;
  }

  /** A commit writes the block out; what follows begins another one. */
  flush(): void {
    this.block += 8 + this.slot;
    this.slot = 1;
    if (this.block <= MAX_BLOCK) return;
    this.file++;
    this.block = 0x10;
  }

  /** The LSN given out last. */
  current(): Lsn {
    return (((BigInt(this.file) << BLOCK_BITS) | BigInt(this.block)) << SLOT_BITS) | BigInt(this.slot);
  }

  /** Goes back, as when a backup is restored. */
  rewind(lsn: Lsn): void {
    this.slot = Number(lsn & 0xffffn);
    this.block = Number((lsn >> SLOT_BITS) & 0xffff_ffffn);
    this.file = Number(lsn >> (SLOT_BITS + BLOCK_BITS));
  }

  private write(bytes: Buffer): void {
    for (let i = 0; i < 4; i++) bytes[i] = this.file >>> (24 - i * 8);
    for (let i = 0; i < 4; i++) bytes[4 + i] = this.block >>> (24 - i * 8);
    bytes[8] = this.slot >>> 8;
    bytes[9] = this.slot;
  }

  private advance(): void {
    if (++this.slot > MAX_SLOT) this.flush();
  }
}
