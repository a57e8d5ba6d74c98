import { parseObject, type JsonObject } from "./json-object";
import type { ControlMessage } from "./messages";
import { ProtocolError } from "./protocol-error";

/** Reads a control line; throws a {@link ProtocolError} that says what is wrong with it. */
export function decodeControl(line: string): ControlMessage {
  const found = parseObject(line);
  if (found === undefined) throw new ProtocolError("the line is no JSON object");
  const type = found["type"];
  if (typeof type !== "string" || !Object.hasOwn(READERS, type)) {
    throw new ProtocolError(`no message has the type ${shown(type)}`);
  }
  return READERS[type as ControlMessage["type"]](found);
}

const READERS: { readonly [T in ControlMessage["type"]]: (found: JsonObject) => ControlMessage } = {
  starting: () => ({ type: "starting" }),
  heartbeat: () => ({ type: "heartbeat" }),
  eof: () => ({ type: "eof" }),
  ready: (found) => ({
    type: "ready",
    protocol: count(found, "ready", "protocol"),
    name: textOr(found["name"], ""),
    version: textOr(found["version"], ""),
    capabilities: words(found["capabilities"]),
  }),
  error: (found) => ({
    type: "error",
    code: textOr(found["code"], "CDC_PROVIDER_FAILED"),
    message: textOr(found["message"], "no message was given"),
    retryable: found["retryable"] === true,
    ...(typeof found["hint"] === "string" ? { hint: found["hint"] } : {}),
  }),
  ack: (found) => ({
    type: "ack",
    count: count(found, "ack", "count"),
    ...(found["states"] === undefined ? {} : { states: count(found, "ack", "states") }),
  }),
  state: (found) => {
    if (!("state" in found)) throw new ProtocolError("a state message has no state");
    return { type: "state", count: count(found, "state", "count"), state: found["state"] };
  },
  text: (found) => {
    if (typeof found["text"] !== "string") throw new ProtocolError("a text message has no text");
    return { type: "text", text: found["text"] };
  },
};

function count(found: JsonObject, type: string, key: string): number {
  const value = found[key];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ProtocolError(`the ${key} of ${type} is ${shown(value)}, and must be a whole number from 0 on`);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
}

function shown(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
