import { CdcError } from "../../lib/errors";

/** What a connection string says. */
export interface ConnectionParts {
  /** `host` or `host:port`. */
  readonly host: string;
  readonly keyName?: string;
  /** The key or the signature: never shown. */
  readonly secret: string;
  /** A queue that the string is limited to. */
  readonly entityPath?: string;
  /** Plain TCP and http, as the emulator speaks. */
  readonly isPlain: boolean;
}

/**
 * Takes a connection string apart.
 * @throws CdcError (CDC_SERVICEBUS_CONNECTION) that doesn't show it.
 */
export function parseConnectionString(text: string): ConnectionParts {
  const parts = new Map(text.split(";").map(keyAndValue));
  const host = /^(?:sb|amqps?|https?):\/\/([^/]+)\/?$/i.exec(parts.get("endpoint") ?? "")?.[1];
  if (host === undefined) throw malformed("has no Endpoint=sb://…");
  const keyName = parts.get("sharedaccesskeyname");
  const secret = parts.get("sharedaccesskey") ?? parts.get("sharedaccesssignature");
  if (secret === undefined || secret === "") throw malformed("has neither SharedAccessKey nor SharedAccessSignature");
  if (parts.has("sharedaccesskey") && !keyName) throw malformed("has no SharedAccessKeyName");
  const entityPath = parts.get("entitypath");
  return {
    host,
    secret,
    isPlain: parts.get("usedevelopmentemulator") === "true",
    ...(keyName === undefined ? {} : { keyName }),
    ...(entityPath === undefined ? {} : { entityPath }),
  };
}

// Keys are written in any case; values hold `=`.
function keyAndValue(part: string): [string, string] {
  const at = part.indexOf("=");
  return [part.slice(0, Math.max(at, 0)).trim().toLowerCase(), part.slice(at + 1).trim()];
}

function malformed(what: string): CdcError {
  return new CdcError("CDC_SERVICEBUS_CONNECTION", `the connection string of Service Bus ${what}`, {
    hint: "Copy it from the namespace's shared access policies: Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…",
  });
}
