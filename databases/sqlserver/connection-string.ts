import { CdcError } from "../../lib/errors";
import { keyValuePairs } from "../../lib/key-value-pairs";
import type { MsSqlConfig } from "./config";

/** What a connection string may tell; what it leaves out is absent. */
export type ConnectionParts = Partial<Record<keyof MsSqlConfig, string>>;

const FORMS =
  "Write it as `Server=host,1433;Database=name;User ID=user;Password=secret`, `jdbc:sqlserver://host:1433;databaseName=name;user=user;password=secret` or `mssql://user:secret@host:1433/name`.";
const NAMES: Readonly<Record<string, keyof MsSqlConfig>> = {
  ...each("host", ["server", "datasource", "addr", "address", "networkaddress", "host", "hostname", "servername"]),
  ...each("port", ["port", "portnumber"]),
  ...each("database", ["database", "initialcatalog", "databasename"]),
  ...each("user", ["userid", "uid", "user", "username"]),
  ...each("password", ["password", "pwd"]),
  encrypt: "encrypt",
  trustservercertificate: "trustServerCertificate",
  ...each("applicationName", ["applicationname", "app", "appname"]),
};
const OTHER_LOGINS = ["integratedsecurity", "trustedconnection", "authentication"];
const NO = ["", "false", "no", "0", "sqlpassword", "notspecified"];

/**
 * Takes a connection string apart: those of ADO.NET, ODBC and JDBC, and URLs.
 * @throws CdcError `CDC_MSSQL_CONNECTION_STRING`, never with the text itself.
 */
export function parseConnectionString(text: string): ConnectionParts {
  const trimmed = text.trim();
  if (/^(?:mssql|sqlserver):\/\//i.test(trimmed)) return partsOfUrl(trimmed);
  const jdbc = /^jdbc:sqlserver:\/\/([^;]*);?/i.exec(trimmed);
  const pairs = keyValuePairs(jdbc === null ? trimmed : trimmed.slice(jdbc[0].length), ";");
  if (pairs === undefined) throw wrong("it is no list of key=value pairs");
  const server = jdbc?.[1] === undefined || jdbc[1] === "" ? [] : [["server", jdbc[1]] as const];
  return partsOf(new Map([...server, ...pairs]));
}

function partsOf(pairs: ReadonlyMap<string, string>): ConnectionParts {
  for (const name of OTHER_LOGINS)
    if (!NO.includes((pairs.get(name) ?? "").replace(/\s/g, "").toLowerCase()))
      throw wrong("it asks for another login than one of SQL Server, with user and password");
  const parts: ConnectionParts = {};
  for (const [key, value] of pairs) {
    const name = NAMES[key];
    if (name !== undefined) parts[name] ??= value;
  }
  const { host, port, ...rest } = parts;
  if (host === undefined) return parts;
  const instance = pairs.get("instancename") ?? "";
  const place = placeOf(instance === "" ? host : `${host}\\${instance}`, port);
  return { ...rest, ...place };
}

/** Of `tcp:host,port`, `host:port` and `host\instance,port`. */
function placeOf(server: string, ownPort: string | undefined): Pick<ConnectionParts, "host" | "port"> {
  const match = /^(?:tcp:)?(\[[^\]]+\]|[^,:\\[\]]+)(?:\\([^,:]*))?(?:[,:]\s*(\d+))?$/i.exec(server.trim());
  if (match === null) throw wrong("its server is none that is reached by TCP");
  const [, name = "", instance = "", port = ownPort] = match;
  // The port of a named instance is told by a service that listens on UDP.
  if (instance !== "" && port === undefined) throw wrong(`it names the instance ${instance} without its port`);
  const host = ["(local)", "."].includes(name) ? "localhost" : name.replace(/^\[|\]$/g, "");
  return { host, ...(port === undefined ? {} : { port }) };
}

function partsOfUrl(text: string): ConnectionParts {
  let url: URL;
  try {
    // Of a scheme that it doesn't know, URL takes nothing apart.
    url = new URL(text.replace(/^[a-z]+:/i, "http:"));
  } catch {
    throw wrong("it is no URL");
  }
  const decoded = (part: string): string => decodeURIComponent(part);
  const query = new Map([...url.searchParams].map(([key, value]) => [key.replace(/[\s_]/g, "").toLowerCase(), value]));
  const path = decoded(url.pathname.slice(1));
  const port = url.port === "" && /@[^/]*:80(?:\/|\?|$)/.test(text) ? "80" : url.port;
  return partsOf(
    new Map([
      ["server", url.hostname],
      ...(port === "" ? [] : [["port", port] as const]),
      ...(url.username === "" ? [] : [["user", decoded(url.username)] as const]),
      ...(url.password === "" ? [] : [["password", decoded(url.password)] as const]),
      ...(path === "" ? [] : [["database", path] as const]),
      ...query,
    ]),
  );
}

function each(name: keyof MsSqlConfig, keys: readonly string[]): Record<string, keyof MsSqlConfig> {
  return Object.fromEntries(keys.map((key) => [key, name]));
}

function wrong(why: string): CdcError {
  return new CdcError("CDC_MSSQL_CONNECTION_STRING", `the connection string of SQL Server can't be used: ${why}`, {
    hint: FORMS,
  });
}
