import { isObject, parseObject, type JsonObject } from "./json-object";
import type { Command, LeaseToken, StartMessage } from "./messages";
import { ProtocolError } from "./protocol-error";

/**
 * Who has started a provider: a relay that speaks this protocol, an older one that knows the command and the
 * handshake only, or nobody but a shell: then there is no handshake and no control line.
 */
export type Host = "relay" | "legacy" | "shell";

/** The first line, understood. */
export interface Start extends StartMessage {
  readonly host: Host;
}

const COMMANDS: readonly unknown[] = ["run", "init", "plan", "status", "destroy"] satisfies Command[];

/** Reads the first line of stdin: a command with its config, or the bare config, which means run. */
export function parseStart(line: string): Start {
  const found = parseObject(line);
  if (found === undefined) {
    throw new ProtocolError("the first line on stdin is no JSON object", HINT);
  }
  if (typeof found["command"] !== "string") return { command: "run", config: found, host: "shell" };
  if (!COMMANDS.includes(found["command"])) {
    throw new ProtocolError(`no command is called ${JSON.stringify(found["command"])}`, HINT);
  }
  const { protocol, task, state } = found;
  return {
    command: found["command"] as Command,
    config: configOf(found),
    host: protocol === undefined ? "legacy" : "relay",
    ...(typeof protocol === "number" ? { protocol } : {}),
    ...(typeof task === "string" ? { task } : {}),
    ...(found["role"] === "input" || found["role"] === "output" ? { role: found["role"] } : {}),
    ...(state === undefined || state === null ? {} : { state }),
    ...leaseOf(found["lease"]),
  };
}

const HINT = 'Write one line such as {"command":"run","config":{}}, or the config alone.';

function leaseOf(lease: unknown): { lease?: LeaseToken } {
  if (!isObject(lease)) return {};
  const { name, token } = lease;
  return typeof name === "string" && typeof token === "string" ? { lease: { name, token } } : {};
}

function configOf(found: JsonObject): JsonObject {
  const config = found["config"] ?? {};
  if (!isObject(config)) throw new ProtocolError("config is no JSON object", HINT);
  return config;
}
