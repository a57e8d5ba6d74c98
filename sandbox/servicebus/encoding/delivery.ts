import type { Message, Place } from "../broker/message";
import { SECTION, sectionsOf } from "./sections";
import { symbol } from "./write";

const SEQUENCE = symbol("x-opt-sequence-number");
const ENQUEUED_SEQUENCE = symbol("x-opt-enqueue-sequence-number");
const ENQUEUED = symbol("x-opt-enqueued-time");
const LOCKED_UNTIL = symbol("x-opt-locked-until");
const STATE = symbol("x-opt-message-state");

/** States that are told, as whole annotations; active ones are not. */
const STATES: Partial<Record<Place, Buffer>> = {
  deferred: Buffer.concat([STATE, Buffer.from([0x54, 1])]),
  scheduled: Buffer.concat([STATE, Buffer.from([0x54, 2])]),
};

const NOTHING = Buffer.alloc(0);
/** Header with durable, priority, first acquirer, delivery count and a time to live that is null or a number. */
const HEADER_BYTES = 16;
const TTL_BYTES = 4;
const MAP_HEAD_BYTES = 12;
const LONG = 0x81;
const TIMESTAMP = 0x83;

/** A message as a receiver gets it. */
export function encodeDelivery(message: Message, lockedUntil: number | undefined): Buffer {
  const { annotations, bare } = message.content;
  const own = ownAnnotations(message, lockedUntil);
  const state = STATES[message.deferred ? "deferred" : message.place] ?? NOTHING;
  const pairs = own.reduce((sum, { key }) => sum + key.length + 9, annotations.bytes.length + state.length);
  const ttl = timeToLive(message);
  const head = HEADER_BYTES + (ttl === undefined ? 0 : TTL_BYTES);
  const out = Buffer.allocUnsafe(head + MAP_HEAD_BYTES + pairs + bare.length);
  let at = writeHeader(out, message, ttl);
  at = writeMapHead(out, at, pairs, annotations.count + (own.length + (state === NOTHING ? 0 : 1)) * 2);
  at += annotations.bytes.copy(out, at);
  at += state.copy(out, at);
  for (const { key, code, value } of own) {
    at += key.copy(out, at);
    at = out.writeUInt8(code, at);
    at = out.writeBigInt64BE(BigInt(value), at);
  }
  bare.copy(out, at);
  return out;
}

/** The message up to its body. */
export function withoutBody(message: Message): Message {
  const { bare } = message.content;
  const body = sectionsOf(bare).find(({ code }) => code >= SECTION.data);
  return { ...message, content: { ...message.content, bare: bare.subarray(0, body?.start) } };
}

interface Annotation {
  readonly key: Buffer;
  readonly code: number;
  readonly value: number;
}

function ownAnnotations(message: Message, lockedUntil: number | undefined): Annotation[] {
  const own: Annotation[] = [
    { key: SEQUENCE, code: LONG, value: message.sequence },
    { key: ENQUEUED_SEQUENCE, code: LONG, value: message.sequence },
    { key: ENQUEUED, code: TIMESTAMP, value: message.enqueuedAt },
  ];
  if (lockedUntil !== undefined) own.push({ key: LOCKED_UNTIL, code: TIMESTAMP, value: lockedUntil });
  return own;
}

/** Milliseconds; undefined for ever. The field is too small for more than 49 days. */
function timeToLive({ ttlMs }: Message): number | undefined {
  return ttlMs === undefined ? undefined : Math.min(ttlMs, 0xffff_ffff);
}

function writeHeader(out: Buffer, { content, deliveryCount }: Message, ttl: number | undefined): number {
  const durable = content.durable ? 0x41 : 0x42;
  const size = HEADER_BYTES - 5 + (ttl === undefined ? 0 : TTL_BYTES);
  out.set([0x00, 0x53, SECTION.header, 0xc0, size, 5, durable, 0x50, content.priority ?? 4], 0);
  let at = out.writeUInt8(ttl === undefined ? 0x40 : 0x70, 9);
  if (ttl !== undefined) at = out.writeUInt32BE(ttl, at);
  at = out.writeUInt8(0x42, at);
  at = out.writeUInt8(0x70, at);
  return out.writeUInt32BE(deliveryCount, at);
}

function writeMapHead(out: Buffer, at: number, pairs: number, count: number): number {
  out.set([0x00, 0x53, SECTION.messageAnnotations, 0xd1], at);
  out.writeUInt32BE(pairs + 4, at + 4);
  return out.writeUInt32BE(count, at + 8);
}
