import { CdcError } from "../../lib/errors";
import { keyValuePairs } from "../../lib/key-value-pairs";
import type { PgConfig } from "./config";

/** What a connection string may tell; what it leaves out is absent. */
export type ConnectionParts = Partial<Record<"host" | "port" | "database" | "user" | "password" | "ssl", string>>;

const NAMES: Readonly<Record<string, keyof ConnectionParts>> = {
  host: "host",
  server: "host",
  port: "port",
  dbname: "database",
  database: "database",
  user: "user",
  username: "user",
  userid: "user",
  password: "password",
  sslmode: "ssl",
  ssl: "ssl",
};

/**
 * Takes a connection string apart: URLs, libpq's `host=… dbname=…`, and .NET's `Host=…;Database=…`.
 * @throws CdcError `CDC_PG_CONNECTION_STRING`, never with the text itself.
 */
export function parseConnectionString(text: string): ConnectionParts {
  const trimmed = text.trim();
  if (/^postgres(?:ql)?:\/\//i.test(trimmed)) return partsOfUrl(trimmed);
  const pairs = keyValuePairs(trimmed, /^[^'"]*;/.test(trimmed) ? ";" : " ");
  if (pairs === undefined) throw wrong();
  return partsOf(pairs);
}

/** How the certificate is dealt with, of the words that PostgreSQL's clients use; undefined: no encryption. */
export function sslOf(word: string | undefined): PgConfig["ssl"] {
  const mode = (word ?? "").toLowerCase();
  if (["", "disable", "allow", "prefer", "false", "no", "off"].includes(mode)) return undefined;
  return ["verify", "verify-full", "verify-ca", "verifyfull", "verifyca"].includes(mode) ? "verify" : "require";
}

function partsOf(pairs: ReadonlyMap<string, string>): ConnectionParts {
  const parts: ConnectionParts = {};
  for (const [key, value] of pairs) {
    const name = NAMES[key];
    if (name !== undefined) parts[name] ??= value;
  }
  return parts;
}

function partsOfUrl(text: string): ConnectionParts {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong();
  }
  const own: readonly (readonly [string, string])[] = [
    ["host", url.hostname.replace(/^\[|\]$/g, "")],
    ["port", url.port],
    ["user", decodeURIComponent(url.username)],
    ["password", decodeURIComponent(url.password)],
    ["database", decodeURIComponent(url.pathname.slice(1))],
  ];
  return partsOf(new Map([...own.filter(([, value]) => value !== ""), ...url.searchParams]));
}

function wrong(): CdcError {
  return new CdcError("CDC_PG_CONNECTION_STRING", "the connection string of PostgreSQL can't be read", {
    hint: "Write it as `postgresql://user:secret@host:5432/name`, or `host=host dbname=name user=user password=secret`.",
  });
}
