import { encodeMessage } from "../protocol/encode";
import { PROTOCOL_VERSION } from "../protocol/limits";
import type { Capability, ControlMessage, Failure } from "../protocol/messages";
import type { Start } from "../protocol/start-line";
import type { LineReader } from "./line-reader";
import type { LineWriter } from "./line-writer";
import type { Log } from "./log";
import type { Provider, ProviderContext } from "./provider";

/** A provider that has read its first line. */
export interface Session {
  readonly provider: Pick<Provider<never>, "name" | "version">;
  readonly start: Start;
  readonly stdin: LineReader;
  readonly stdout: LineWriter;
  readonly log: Log;
  /** Aborted by the signals; aborting it stops the provider. */
  readonly stop: AbortController;
}

/** Often enough for the relay, which waits for several. */
const HEARTBEAT_MS = 5_000;
const STARTING_MS = 500;

/** Sends a message, when there is a relay that reads it. */
export function send({ start, stdout }: Session, message: ControlMessage): void {
  if (start.host === "relay") stdout.add(encodeMessage(message));
}

/** Ends the handshake in the words of whoever started the provider. */
export function sendReady(session: Session, capabilities: readonly Capability[]): void {
  const { provider, start, stdout } = session;
  const { name, version } = provider;
  send(session, { type: "ready", protocol: PROTOCOL_VERSION, name, version, capabilities });
  if (start.host === "legacy") stdout.add('{"status":"ready"}\n');
}

/** Tells why the provider ends; `handshake` when it never got ready. */
export function sendFailure(session: Session, failure: Failure, handshake: boolean): void {
  send(session, failure);
  if (session.start.host === "legacy" && handshake) {
    session.stdout.add(`${JSON.stringify({ status: "error", message: failure.message })}\n`);
  }
}

/** Opens the provider, and tells the relay when that takes its time, so that the limit of the handshake ends. */
export async function opening(session: Session, opened: Promise<void> | undefined): Promise<void> {
  const timer = setTimeout(() => send(session, { type: "starting" }), STARTING_MS);
  try {
    await opened;
  } finally {
    clearTimeout(timer);
  }
}

/** Shows that the provider lives, until the function that is returned is called. */
export function beat(session: Session): () => void {
  const timer = setInterval(() => {
    // What waits to be read shows it as well.
    if (!session.stdout.isFull) send(session, { type: "heartbeat" });
  }, HEARTBEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What every method of a provider is given. */
export function contextOf({ stop, log, start }: Session): ProviderContext {
  return {
    signal: stop.signal,
    log,
    ...(start.task === undefined ? {} : { task: start.task }),
    ...(start.lease === undefined ? {} : { lease: start.lease }),
  };
}
