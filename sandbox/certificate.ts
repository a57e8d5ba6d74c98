import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** A private key and a certificate that vouches for itself, both as PEM. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

const YEAR_MS = 365 * 86_400_000;

/** Makes a certificate for localhost and 127.0.0.1, valid for a year. It lives in memory only. */
export function makeCertificate(commonName = "localhost"): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const body = certificateBody(commonName, publicKey);
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, ECDSA_SHA256, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

function certificateBody(commonName: string, publicKey: KeyObject): Buffer {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const name = sequence(element(0x31, sequence(oid("550403"), element(0x0c, Buffer.from(commonName)))));
  const now = Date.now();
  const validity = sequence(time(now - 86_400_000), time(now + YEAR_MS));
  const spki = publicKey.export({ type: "spki", format: "der" });
  return sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, serial),
    ECDSA_SHA256,
    name,
    validity,
    name,
    spki,
    element(0xa3, sequence(alternativeNames(commonName))),
  );
}

/** Subject alternative names: the host name and the loopback address. */
function alternativeNames(commonName: string): Buffer {
  const names = sequence(element(0x82, Buffer.from(commonName)), element(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid("551d11"), element(0x04, names));
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return element(0x17, Buffer.from(`${text}Z`));
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

/** DER: tag, length, content. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
