import { VERSION } from "./tokens";

/** What client and server say about encryption. */
export const ENCRYPTION = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

/** What the client's first message asks for. */
export interface Prelogin {
  readonly encryption: number;
  /** It would use MARS, which the answer declines. */
  readonly mars: boolean;
}

/** Reads the options of a pre-login message; what is absent has its default. */
export function readPrelogin(payload: Buffer): Prelogin {
  const found = new Map<number, number>();
  for (let at = 0; at + 5 <= payload.length && payload[at] !== 0xff; at += 5) {
    const [offset, length] = [payload.readUInt16BE(at + 1), payload.readUInt16BE(at + 3)];
    if (length > 0) found.set(payload[at] ?? 0, payload[offset] ?? 0);
  }
  return { encryption: found.get(1) ?? ENCRYPTION.notSupported, mars: found.get(4) === 1 };
}

/** The server's word on encryption: all of it when the client wants it and there is a certificate, else none. */
export function answerEncryption(asked: number, canEncrypt: boolean): number {
  const wanted = asked === ENCRYPTION.on || asked === ENCRYPTION.required;
  return wanted && canEncrypt ? ENCRYPTION.on : ENCRYPTION.notSupported;
}

/** The answer to a pre-login message. */
export function preloginAnswer(encryption: number): Buffer {
  const version = Buffer.from([VERSION.major, VERSION.minor, VERSION.build >> 8, VERSION.build & 0xff, 0, 0]);
  const options: readonly (readonly [number, Buffer])[] = [
    [0, version],
    [1, Buffer.from([encryption])],
    [2, Buffer.from([0])],
    [3, Buffer.alloc(0)],
    [4, Buffer.from([0])],
  ];
  const head = Buffer.alloc(options.length * 5 + 1, 0xff);
  let offset = head.length;
  for (const [index, [token, data]] of options.entries()) {
    head[index * 5] = token;
    head.writeUInt16BE(offset, index * 5 + 1);
    head.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  }
  return Buffer.concat([head, ...options.map(([, data]) => data)]);
}
