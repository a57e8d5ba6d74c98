import type { Hash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import type { Descriptor } from "../artifact/media-types";
import { algorithmOf, hashFor } from "../artifact/digest";
import { formatReference, type Reference } from "../reference";
import type { RegistryClient } from "./client";
import { drop, readWhole, type Answer } from "./exchange";
import { wrongDigest } from "./manifests";
import { RegistryError, unreachable } from "./registry-error";

/** Downloads a blob into a file. Hashed as it comes; a connection that is cut goes on where it was. */
export async function downloadBlob(
  client: RegistryClient,
  reference: Reference,
  blob: Descriptor,
  path: string,
  onBytes: (count: number) => void = () => undefined,
): Promise<void> {
  const file = await open(path, "w");
  try {
    const download: Download = { blob, file, hash: hashFor(blob.digest), received: 0, onBytes };
    await client.retried((forget) => attempt(client, reference, download, forget));
    const found = `${algorithmOf(blob.digest)}:${download.hash.digest("hex")}`;
    if (found !== blob.digest) throw wrongDigest(`a part of ${formatReference(reference)}`, found, blob.digest);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads a small blob, such as provider.json. */
export async function readBlob(client: RegistryClient, reference: Reference, blob: Descriptor): Promise<Buffer> {
  const bytes = await client.retried(async () => {
    const answer = await request(client, reference, blob, 0);
    return readWhole(answer).catch((error: unknown) => {
      throw unreachable(error, client.registry, whatOf(reference));
    });
  });
  const found = `${algorithmOf(blob.digest)}:${hashFor(blob.digest).update(bytes).digest("hex")}`;
  if (found !== blob.digest) throw wrongDigest(`a part of ${formatReference(reference)}`, found, blob.digest);
  return bytes;
}

interface Download {
  readonly blob: Descriptor;
  readonly file: FileHandle;
  readonly onBytes: (count: number) => void;
  hash: Hash;
  /** Bytes that are in the file, and in the hash. */
  received: number;
}

async function attempt(
  client: RegistryClient,
  reference: Reference,
  download: Download,
  forget: () => void,
): Promise<void> {
  const answer = await request(client, reference, download.blob, download.received);
  if (answer.status !== 206 && download.received > 0) await restart(download);
  try {
    await receive(answer, reference, download, forget);
  } catch (error) {
    answer.body.destroy();
    throw unreachable(error, client.registry, whatOf(reference));
  }
  if (download.received < download.blob.size) throw cutShort(client.registry, reference, download);
}

function request(client: RegistryClient, reference: Reference, blob: Descriptor, from: number): Promise<Answer> {
  const to = `${reference.repository}/blobs/${blob.digest}`;
  const headers = from > 0 ? { range: `bytes=${String(from)}-` } : {};
  return client
    .askOnce({ method: "GET", to, what: whatOf(reference), headers, expect: [200, 206, 416] })
    .then(async (answer) => {
      const start = /^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1];
      if (answer.status === 200 || (answer.status === 206 && start === String(from))) return answer;
      await drop(answer);
      // It doesn't do ranges as asked: from the start, then.
      return client.askOnce({ method: "GET", to, what: whatOf(reference), expect: [200] });
    });
}

async function receive(answer: Answer, reference: Reference, download: Download, forget: () => void): Promise<void> {
  const { blob, file } = download;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    if (download.received + chunk.length > blob.size) throw tooLong(reference, blob);
    await file.write(chunk, 0, chunk.length, download.received);
    download.hash.update(chunk);
    download.received += chunk.length;
    download.onBytes(chunk.length);
    forget();
  }
}

async function restart(download: Download): Promise<void> {
  await download.file.truncate(0);
  download.onBytes(-download.received);
  download.hash = hashFor(download.blob.digest);
  download.received = 0;
}

function whatOf(reference: Reference): string {
  return `pull of ${formatReference(reference)}`;
}

function cutShort(registry: string, reference: Reference, { received, blob }: Download): RegistryError {
  const message = `${whatOf(reference)}: ${registry} stopped after ${String(received)} of ${String(blob.size)} bytes`;
  return new RegistryError("CDC_REGISTRY_UNREACHABLE", message, { hint: "Run the command again." });
}

function tooLong(reference: Reference, { digest, size }: Descriptor): Error {
  return wrongDigest(`a part of ${formatReference(reference)}`, `longer than ${String(size)} bytes`, digest);
}
