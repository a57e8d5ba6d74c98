import { SqlError } from "../errors";
import type { LoginRequest } from "../session";

/** A LOGIN7 message. */
export interface Login extends LoginRequest {
  readonly packetSize: number;
  readonly tdsVersion: number;
  /** The client sent feature extensions, so it expects their acknowledgement. */
  readonly features: ReadonlySet<number>;
  /** Windows or token authentication, which the stand-in hasn't. */
  readonly integrated: boolean;
}

const FEATURE_END = 0xff;

/** Reads LOGIN7. Throws when offsets point outside the message. */
export function readLogin(payload: Buffer): Login {
  if (payload.length < 94)
    throw new SqlError(17832, 20, 18, "The login packet used to open the connection is structurally invalid.");
  const text = (at: number) => utf16(payload, payload.readUInt16LE(at), payload.readUInt16LE(at + 2));
  const hasExtension = ((payload[27] ?? 0) & 0x10) !== 0;
  return {
    tdsVersion: payload.readUInt32LE(4),
    packetSize: payload.readUInt32LE(8),
    host: text(36),
    user: text(40),
    password: unscramble(payload, payload.readUInt16LE(44), payload.readUInt16LE(46)),
    application: text(48),
    language: text(64),
    database: text(68),
    integrated: ((payload[25] ?? 0) & 0x80) !== 0,
    features: hasExtension ? readFeatures(payload) : new Set(),
  };
}

function utf16(payload: Buffer, offset: number, characters: number): string {
  return payload.toString("utf16le", offset, offset + characters * 2);
}

/** Each byte is XORed with A5 after its halves were swapped. */
function unscramble(payload: Buffer, offset: number, characters: number): string {
  const bytes = Buffer.from(payload.subarray(offset, offset + characters * 2));
  for (const [index, byte] of bytes.entries()) {
    const plain = byte ^ 0xa5;
    bytes[index] = ((plain & 0x0f) << 4) | (plain >> 4);
  }
  return bytes.toString("utf16le");
}

function readFeatures(payload: Buffer): Set<number> {
  const pointer = payload.readUInt16LE(56);
  const features = new Set<number>();
  if (pointer + 4 > payload.length) return features;
  for (let at = payload.readUInt32LE(pointer); at < payload.length && payload[at] !== FEATURE_END;) {
    features.add(payload[at] ?? 0);
    if (at + 5 > payload.length) break;
    at += 5 + payload.readUInt32LE(at + 1);
  }
  return features;
}
