import { AmqpWriter } from "./amqp-writer";
import { messageBytes, SECTION, writeMessage, writeProperties } from "./encode-message";
import type { OutgoingMessage } from "./outgoing";

/** Head of a message within its batch: a section of binary data. */
const HEAD_BYTES = 8;

/**
 * Messages that go to a queue together: all of them are stored, or none. They are written here as AMQP has them on the
 * wire, since the client takes five times as long for it.
 */
export class MessageBatch {
  readonly messages: OutgoingMessage[] = [];
  private readonly writer: AmqpWriter;

  constructor(readonly maxBytes: number) {
    this.writer = new AmqpWriter(Buffer.allocUnsafe(maxBytes));
  }

  get bytes(): number {
    return this.writer.at;
  }

  /** False when the message doesn't fit any more. */
  tryAdd(message: OutgoingMessage): boolean {
    const isFirst = this.messages.length === 0;
    const most = HEAD_BYTES + messageBytes(message) + (isFirst ? envelopeBytes(message) : 0);
    if (this.writer.at + most <= this.maxBytes) this.write(this.writer, message, isFirst);
    else if (!this.tryAddTight(message, isFirst, most)) return false;
    this.messages.push(message);
    return true;
  }

  /** The batch as it goes over the wire. */
  encoded(): Buffer {
    return this.writer.buffer.subarray(0, this.writer.at);
  }

  // What it takes at most doesn't fit, but what it takes may.
  private tryAddTight(message: OutgoingMessage, isFirst: boolean, most: number): boolean {
    const { writer } = this;
    if (message.body.length > this.maxBytes - writer.at) return false;
    const apart = new AmqpWriter(Buffer.allocUnsafe(most));
    this.write(apart, message, isFirst);
    if (writer.at + apart.at > this.maxBytes) return false;
    writer.bytes(apart.buffer.subarray(0, apart.at));
    return true;
  }

  private write(writer: AmqpWriter, message: OutgoingMessage, isFirst: boolean): void {
    // The batch itself has the identity of its first message, by which a server may route it.
    if (isFirst) writeProperties(writer, message);
    writer.describe(SECTION.data);
    const head = writer.at;
    writer.binaryHead(0);
    writeMessage(writer, message);
    writer.buffer.writeUInt32BE(writer.at - head - 5, head + 1);
  }
}

function envelopeBytes({ messageId, sessionId = "", subject }: OutgoingMessage): number {
  return 48 + 3 * (messageId.length + sessionId.length + subject.length);
}
