import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";

/** One request over HTTP; nothing is followed or repeated. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  /** Bytes, or how to begin reading them; their length belongs into the headers then. */
  readonly body?: Buffer | (() => Readable);
  readonly signal?: AbortSignal | undefined;
}

/** What came back; `body` has to be read to its end or destroyed. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** A connection on which nothing moves for so long is given up. */
const IDLE_MS = 60_000;
const LONGEST_TEXT = 4 * 1024 * 1024;

/** Sends one request; resolves when the head of the answer is there. */
export function exchange({ method, url, headers, body, signal }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === "https:" ? httpsRequest : httpRequest;
    const outgoing = start(url, { method, headers, ...(signal === undefined ? {} : { signal }) });
    outgoing.setTimeout(IDLE_MS, () => outgoing.destroy(withCode("ETIMEDOUT", `${url.host} went silent`)));
    outgoing.once("response", (message) =>
      resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message }),
    );
    // A server may answer and hang up before it has read everything: the answer counts then.
    outgoing.on("error", reject);
    sendBody(body, (error) => outgoing.destroy(error)).pipe(outgoing);
  });
}

function sendBody(body: Exchange["body"], fail: (error: Error) => void): Readable {
  const source = typeof body === "function" ? body() : Readable.from(body === undefined ? [] : [body]);
  return source.once("error", fail);
}

/** The whole body; an error when it is longer than any answer that is kept in memory may be. */
export async function readWhole(answer: Answer, longest = LONGEST_TEXT): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) throw withCode("CDC_TOO_LONG", `the answer is longer than ${String(longest)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads an answer that nobody needs, so that its connection can be used again. */
export async function drop(answer: Answer): Promise<void> {
  await readWhole(answer).catch(() => undefined);
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
