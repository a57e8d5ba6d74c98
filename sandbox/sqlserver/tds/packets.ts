/** Kinds of message, first byte of each packet. */
export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  bulk: 0x07,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

/** Bits of the status byte. */
const END_OF_MESSAGE = 0x01;
const IGNORE = 0x02;
const RESET = 0x08;
const RESET_KEEPING_TRANSACTION = 0x10;

/** Bytes in front of each packet's payload. */
export const HEADER_LENGTH = 8;

/** A whole message of a client. */
export interface Message {
  readonly type: number;
  readonly payload: Buffer;
  /** The client took this connection from its pool: settings go back to their defaults first. */
  readonly reset: boolean;
  /** The client gave the message up while sending it. */
  readonly ignore: boolean;
}

/** Puts packets together; called with whatever TCP delivers. */
export class MessageReader {
  private pending: Buffer = Buffer.alloc(0);
  private parts: Buffer[] = [];
  private reset = false;

  /** Nothing is waiting for more bytes. */
  get isEmpty(): boolean {
    return this.pending.length === 0 && this.parts.length === 0;
  }

  /** All messages that these bytes complete. Throws when they aren't TDS. */
  push(chunk: Buffer): Message[] {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const messages: Message[] = [];
    while (this.pending.length >= HEADER_LENGTH) {
      const length = this.pending.readUInt16BE(2);
      if (length < HEADER_LENGTH) throw new Error("not a TDS packet");
      if (this.pending.length < length) break;
      const message = this.take(this.pending.subarray(0, length));
      if (message) messages.push(message);
      this.pending = this.pending.subarray(length);
    }
    return messages;
  }

  private take(packet: Buffer): Message | undefined {
    const [type = 0, status = 0] = packet;
    // An attention may come between the packets of an unfinished message, which it cancels.
    if (type === PACKET.attention) this.parts = [];
    this.parts.push(packet.subarray(HEADER_LENGTH));
    this.reset ||= (status & (RESET | RESET_KEEPING_TRANSACTION)) !== 0;
    if ((status & END_OF_MESSAGE) === 0) return undefined;
    const message = { type, payload: Buffer.concat(this.parts), reset: this.reset, ignore: (status & IGNORE) !== 0 };
    this.parts = [];
    this.reset = false;
    return message;
  }
}

/** Cuts a payload into packets, one buffer with all headers in place. */
export class PacketCutter {
  private id = 0;

  constructor(
    private readonly type: number,
    private readonly spid: number,
  ) {}

  /** Packets of at most `size` bytes; the last one ends the message when `final`. */
  cut(payload: Buffer, size: number, final: boolean): Buffer {
    const room = size - HEADER_LENGTH;
    const count = Math.max(1, Math.ceil(payload.length / room));
    const out = Buffer.allocUnsafe(payload.length + count * HEADER_LENGTH);
    for (let i = 0, at = 0; i < count; i++) {
      const part = payload.subarray(i * room, (i + 1) * room);
      this.header(out, at, part.length + HEADER_LENGTH, final && i === count - 1);
      out.set(part, at + HEADER_LENGTH);
      at += part.length + HEADER_LENGTH;
    }
    if (final) this.id = 0;
    return out;
  }

  private header(out: Buffer, at: number, length: number, last: boolean): void {
    this.id = (this.id + 1) & 0xff;
    out[at] = this.type;
    out[at + 1] = last ? END_OF_MESSAGE : 0;
    out.writeUInt16BE(length, at + 2);
    out.writeUInt16BE(this.spid, at + 4);
    out[at + 6] = this.id;
    out[at + 7] = 0;
  }
}
