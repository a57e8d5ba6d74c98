import { decodeHandshake, type HandshakeLine } from "../protocol/handshake";
import { PROTOCOL_VERSION } from "../protocol/limits";
import { ProtocolError } from "../protocol/protocol-error";
import type { ReadyEvent } from "./events";
import { RelayError, toldFailure } from "./failure";
import type { ProviderProcess } from "./provider-process";

const SHOWN_CHARACTERS = 200;

/** A provider whose handshake is done. */
export interface Ready {
  readonly process: ProviderProcess;
  /** Knows no control lines. */
  readonly legacy: boolean;
  readonly capabilities: ReadonlySet<string>;
  /** Lines of its stdout that the handshake took. */
  readonly linesRead: number;
  readonly event: ReadyEvent;
}

/** Waits until a provider is ready; throws a {@link RelayError} when it fails, is gone, or takes too long. */
export async function awaitReady(provider: ProviderProcess, timeoutMs: number): Promise<Ready> {
  const limit = new Limit(timeoutMs);
  try {
    for (let linesRead = 1; ; linesRead++) {
      const line = await Promise.race([provider.feed.readLine(), limit.passed]);
      if (line === "late") throw await tooLate(provider, timeoutMs);
      if (line === undefined) throw await provider.gone("before it was ready", "handshake");
      const found = decode(line, linesRead, provider);
      if (found.type === "error") throw toldFailure(found, { stage: "handshake", ...provider.about() });
      if (found.type === "heartbeat") limit.extend();
      else if (found.type === "starting") limit.end();
      else return readyOf(found, line, linesRead, provider);
    }
  } finally {
    limit.end();
  }
}

function decode(line: Buffer, number: number, provider: ProviderProcess): HandshakeLine {
  try {
    return decodeHandshake(line);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw stray(line.toString("utf8", 0, 4 * SHOWN_CHARACTERS), number, error.message, provider);
  }
}

/** The error for a line that a provider must not write. */
export function stray(text: string, number: number, reason: string, provider: ProviderProcess): RelayError {
  const shown = text.trimEnd().slice(0, SHOWN_CHARACTERS);
  const message = `${provider.title} wrote line ${number} of its stdout, which doesn't belong there (${reason}): ${shown}`;
  const hint = "stdout belongs to the protocol; a provider's log goes to stderr.";
  return new RelayError("CDC_PROVIDER_STRAY_OUTPUT", message, { stage: "protocol", hint, ...provider.about() });
}

function readyOf(
  found: Extract<HandshakeLine, { type: "ready" | "legacy" | "data" }>,
  line: Buffer,
  linesRead: number,
  provider: ProviderProcess,
): Ready {
  const { role, name } = provider;
  if (found.type !== "ready") {
    if (found.type === "data") provider.feed.unread(line);
    const event: ReadyEvent = { event: "ready", role, name, capabilities: [], legacy: true };
    const read = found.type === "data" ? linesRead - 1 : linesRead;
    return { process: provider, legacy: true, capabilities: new Set(), linesRead: read, event };
  }
  if (found.protocol !== PROTOCOL_VERSION) throw otherVersion(found.protocol, provider);
  const { name: own, version, capabilities } = found;
  const event: ReadyEvent = { event: "ready", role, name, provider: own, version, capabilities, legacy: false };
  return { process: provider, legacy: false, capabilities: new Set(capabilities), linesRead, event };
}

function otherVersion(protocol: number, provider: ProviderProcess): RelayError {
  const message = `${provider.title} speaks version ${protocol} of the protocol, and this is version ${PROTOCOL_VERSION}`;
  return new RelayError("CDC_PROVIDER_VERSION", message, { stage: "handshake", ...provider.about() });
}

async function tooLate(provider: ProviderProcess, timeoutMs: number): Promise<RelayError> {
  await provider.logRead();
  const message = `${provider.title} was not ready within ${timeoutMs / 1000} s`;
  const hint =
    'A provider writes {"type":"ready",…} or {"status":"ready"} once it has read the first line of stdin; ' +
    "relay.handshake_timeout_s gives it longer, 0 as long as it likes.";
  return new RelayError("CDC_PROVIDER_HANDSHAKE", message, { stage: "handshake", hint, ...provider.about() });
}

/** A limit that can be moved and lifted. */
class Limit {
  readonly passed: Promise<"late">;
  private pass: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly durationMs: number) {
    this.passed = new Promise((resolve) => (this.pass = () => resolve("late")));
    this.extend();
  }

  extend(): void {
    clearTimeout(this.timer);
    if (this.durationMs > 0) this.timer = setTimeout(this.pass, this.durationMs);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
