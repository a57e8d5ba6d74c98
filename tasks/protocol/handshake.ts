import { decodeControl } from "./decode";
import { parseObject } from "./json-object";
import { lineKind } from "./line-kind";
import type { Failure, Heartbeat, Ready, Starting } from "./messages";
import { ProtocolError } from "./protocol-error";

/** What the first lines of a provider may be. `data` is an older provider that just begins; it knows no handshake. */
export type HandshakeLine =
  Ready | Failure | Starting | Heartbeat | { readonly type: "legacy" } | { readonly type: "data" };

/** Reads a line before the handshake is done, in either form; throws a {@link ProtocolError} for anything else. */
export function decodeHandshake(line: Buffer): HandshakeLine {
  const kind = lineKind(line, 0, line.length);
  if (kind === "data") return { type: "data" };
  if (kind === "stray") return decodeLegacy(line.toString());
  const message = decodeControl(line.toString());
  switch (message.type) {
    case "ready":
    case "error":
    case "starting":
    case "heartbeat":
      return message;
    default:
      throw new ProtocolError(`${message.type} comes before the handshake`);
  }
}

function decodeLegacy(line: string): HandshakeLine {
  const found = parseObject(line);
  if (found?.["status"] === "ready") return { type: "legacy" };
  if (found?.["status"] === "error") {
    const message = typeof found["message"] === "string" ? found["message"] : "no message was given";
    return { type: "error", code: "CDC_PROVIDER_FAILED", message, retryable: false };
  }
  throw new ProtocolError("the line is neither a handshake nor data");
}
