import { createReadStream } from "node:fs";
import type { Descriptor } from "../artifact/media-types";
import { formatReference, type Reference } from "../reference";
import type { Ask, RegistryClient } from "./client";
import { drop, type Answer } from "./exchange";
import { RegistryError } from "./registry-error";

/** A blob to push, and the file that holds it. */
export interface BlobFile {
  readonly blob: Descriptor;
  readonly path: string;
}

/** Blobs up to this are sent in one piece, larger ones in pieces of it. */
const PIECE_BYTES = 16 * 1024 * 1024;

/**
 * Uploads a blob unless the registry has it; an upload that is cut goes on where the registry says that it is.
 * Answers whether anything was sent.
 */
export async function uploadBlob(
  client: RegistryClient,
  reference: Reference,
  file: BlobFile,
  pieceBytes = PIECE_BYTES,
): Promise<boolean> {
  const what = `push of ${formatReference(reference)}`;
  const upload: Upload = { client, what, place: `${reference.repository}/blobs`, file, pieceBytes, tries: 0 };
  if (await hasBlob(upload)) return false;
  await client.retried((forget) => attempt(upload, forget));
  return true;
}

interface Upload {
  readonly client: RegistryClient;
  readonly what: string;
  readonly place: string;
  readonly file: BlobFile;
  readonly pieceBytes: number;
  tries: number;
  session?: Session | undefined;
}

/** What the registry knows of an upload that has begun. */
interface Session {
  /** Where the next request goes. */
  readonly location: URL;
  /** Bytes that have arrived. */
  readonly sent: number;
  /** Pieces must not be smaller, says the registry. */
  readonly leastBytes: number;
}

async function attempt(upload: Upload, forget: () => void): Promise<void> {
  // The last attempt may have arrived after all, with only its answer lost.
  if (upload.tries++ > 0 && (await hasBlob(upload))) return;
  const { size } = upload.file.blob;
  let session = (await continued(upload)) ?? (await begin(upload));
  if (size > upload.pieceBytes || session.sent > 0) {
    while (session.sent < size) {
      upload.session = session = await sendPiece(upload, session);
      forget();
    }
  }
  await finish(upload, session);
}

async function hasBlob({ client, what, place, file }: Upload): Promise<boolean> {
  const answer = await client.ask({ method: "HEAD", to: `${place}/${file.blob.digest}`, what, expect: [200, 404] });
  await drop(answer);
  return answer.status === 200;
}

async function begin({ client, what, place }: Upload): Promise<Session> {
  const answer = await client.askOnce({ method: "POST", to: `${place}/uploads/`, what, expect: [202] });
  await drop(answer);
  const { location } = answer.headers;
  if (location === undefined)
    throw new RegistryError("CDC_REGISTRY_FAILED", `${what}: ${client.registry} didn't say where to upload to`, {
      hint: "Ask who runs the registry.",
    });
  const leastBytes = Number(answer.headers["oci-chunk-min-length"] ?? 0);
  return { location: new URL(location, client.origin), sent: 0, leastBytes: leastBytes > 0 ? leastBytes : 0 };
}

/** The upload of the last attempt, as far as it came; undefined when there is none, or the registry has forgotten it. */
async function continued({ client, what, session }: Upload): Promise<Session | undefined> {
  if (session === undefined) return undefined;
  const answer = await client.askOnce({ method: "GET", to: session.location, what, expect: [200, 202, 204, 404] });
  await drop(answer);
  const sent = answer.status === 404 ? undefined : sentOf(answer);
  return sent === undefined ? undefined : moved(client, session, answer, sent);
}

async function sendPiece({ client, what, file, pieceBytes }: Upload, session: Session): Promise<Session> {
  const { location, sent, leastBytes } = session;
  const end = Math.min(sent + Math.max(pieceBytes, leastBytes), file.blob.size);
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": end - sent,
    "content-range": `${String(sent)}-${String(end - 1)}`,
  };
  const body = () => createReadStream(file.path, { start: sent, end: end - 1 });
  const ask: Ask = { method: "PATCH", to: location, what, headers, body, expect: [202, 204] };
  const answer = await client.askOnce(ask).catch(lostSession);
  await drop(answer);
  return moved(client, session, answer, Math.max(sentOf(answer) ?? end, sent + 1));
}

/** Closes the upload; what wasn't sent in pieces goes with it. */
async function finish({ client, what, file }: Upload, { location, sent }: Session): Promise<void> {
  const to = new URL(location);
  to.searchParams.set("digest", file.blob.digest);
  const ask: Ask = { method: "PUT", to, what, expect: [201, 204] };
  const whole: Partial<Ask> = {
    headers: { "content-type": "application/octet-stream", "content-length": file.blob.size },
    body: () => createReadStream(file.path),
  };
  await drop(await client.askOnce(sent === 0 ? { ...ask, ...whole } : ask).catch(lostSession));
}

/** An upload that the registry has lost, or counts otherwise, is worth another attempt. */
function lostSession(error: unknown): never {
  if (!(error instanceof RegistryError) || (error.status !== 404 && error.status !== 416)) throw error;
  throw new RegistryError("CDC_REGISTRY_UNREACHABLE", `${error.message}: the upload was lost`, {
    hint: "Run the command again.",
    cause: error,
  });
}

/** `Range: 0-1023` means 1024 bytes; `0-0` is what many say for none. */
function sentOf(answer: Answer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.range ?? "")?.[1];
  if (last === undefined) return undefined;
  return last === "0" ? 0 : Number(last) + 1;
}

function moved(client: RegistryClient, session: Session, answer: Answer, sent: number): Session {
  const { location } = answer.headers;
  return { ...session, sent, ...(location === undefined ? {} : { location: new URL(location, client.origin) }) };
}
