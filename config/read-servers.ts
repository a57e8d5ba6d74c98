import type { SourceServerConfig } from "../model/config";
import { within, type Place } from "../model/problem";
import type { CaptureSettings, ServerAddress } from "../model/source-capture";
import type { ConfigFolder } from "./config-folder";

type Scalar = string | number | boolean;

/** An entry of `servers:`. */
export interface WrittenServer {
  readonly host?: string;
  readonly port?: string | number;
  readonly user?: string;
  readonly password?: string;
  readonly encrypt?: string | boolean;
  readonly trust_server_certificate?: string | boolean;
}

/** `capture:` of a source group. */
export interface WrittenCapture {
  readonly manage?: boolean;
  readonly role?: string;
  readonly filegroup?: string;
  readonly net_changes?: boolean;
}

const WHOLE_VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\}$/s;

/** Servers by name, without what needs a variable that isn't set, and with the name of the password's variable instead of it. */
export function readServers(
  folder: ConfigFolder,
  servers: Readonly<Record<string, WrittenServer>>,
  at: Place,
): Record<string, SourceServerConfig> {
  const entries = Object.entries(servers).map(([name, server]) => {
    const place = within(at, name);
    return [name, readServer(server, passwordAsWritten(folder, within(place, "password")), place)] as const;
  });
  return Object.fromEntries(entries);
}

/** `capture:` with its defaults. */
export function readCapture({
  manage = true,
  role,
  filegroup,
  net_changes: net = false,
}: WrittenCapture): CaptureSettings {
  return {
    manage,
    ...(role === undefined ? {} : { role }),
    ...(filegroup === undefined ? {} : { filegroup }),
    netChanges: net,
  };
}

function readServer(server: WrittenServer, password: string | undefined, at: Place): SourceServerConfig {
  const [, variable, fallback = ""] = WHOLE_VARIABLE.exec(password ?? "") ?? [];
  const settings = {
    host: server.host,
    port: server.port,
    user: server.user,
    encrypt: server.encrypt,
    trustServerCertificate: server.trust_server_certificate,
  };
  const address: ServerAddress = {
    ...Object.fromEntries(Object.entries(settings).flatMap(([key, value]) => settingOf(key, value))),
    ...(variable === undefined ? {} : { passwordVariable: variable }),
  };
  const inFile = password !== undefined && password !== "" && (variable === undefined || fallback !== "");
  return { address, passwordInFile: inFile, at };
}

// A variable that isn't set stays as it is written: the setting is then one of the stack's or the environment's.
function settingOf(key: string, value: Scalar | undefined): (readonly [string, string])[] {
  const text = value === undefined ? "" : String(value);
  return text === "" || text.includes("${") ? [] : [[key, text]];
}

function passwordAsWritten(folder: ConfigFolder, at: Place): string | undefined {
  const value = at.path.reduce<unknown>(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    folder.written(at.file),
  );
  return typeof value === "string" ? value : undefined;
}
