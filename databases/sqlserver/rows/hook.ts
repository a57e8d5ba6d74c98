import type { Connection, Request } from "tedious";
import { version } from "tedious/package.json";
import type Debug from "tedious/lib/debug";
import type { TokenHandler } from "tedious/lib/token/handler";
import type { ParserOptions } from "tedious/lib/token/stream-parser";
import type { RowListener, RowTokenStream } from "./token-reader";

/** The driver's private method that we take over is known to be as we need it in this version only. */
const KNOWN_VERSION = "19.2.2";

/** What we need of the driver's connection besides its public methods. */
interface Hooked {
  createTokenStreamParser?: (message: AsyncIterable<Buffer>, handler: TokenHandler) => unknown;
  readonly debug: Debug;
  readonly config: { readonly options: ParserOptions };
}

let fault: Promise<string | undefined> | undefined;
let Stream: typeof RowTokenStream | undefined;

/** Why rows can't be read by our own decoder with this driver; undefined when they can. Found out once. */
export function hookFault(): Promise<string | undefined> {
  return (fault ??= findFault());
}

async function findFault(): Promise<string | undefined> {
  if (version !== KNOWN_VERSION) return `tedious is ${version}, not ${KNOWN_VERSION}`;
  try {
    // Only now: another version may not have the files that these import.
    const { selfTest } = await import("./self-test");
    await selfTest();
    Stream = (await import("./token-reader")).RowTokenStream;
    return undefined;
  } catch (error) {
    return `the row decoder's self-test failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Requests whose rows we read, on a connection that {@link hookRows} prepared. */
const flagged = new WeakMap<Request, RowListener>();

/** Lets our decoder read the rows of flagged requests, once {@link hookFault} found none. False when the driver has no such place. */
export function hookRows(connection: Connection): boolean {
  const hooked = connection as unknown as Hooked;
  const original = hooked.createTokenStreamParser;
  const Reader = Stream;
  if (Reader === undefined || typeof original !== "function" || original.length !== 2) return false;
  hooked.createTokenStreamParser = (message, handler) => {
    const { request } = handler as { request?: Request };
    const listener = request === undefined ? undefined : flagged.get(request);
    // What follows a cancelled request is its acknowledgement, which is the driver's own business.
    if (listener === undefined || listener.isCancelled()) return original.call(connection, message, handler);
    return new Reader(message, hooked.debug, handler, hooked.config.options, listener);
  };
  return true;
}

/** Marks a request before it is sent: its rows go to the listener instead of the request's `row` event. */
export function flagRequest(request: Request, listener: RowListener): void {
  flagged.set(request, listener);
}
