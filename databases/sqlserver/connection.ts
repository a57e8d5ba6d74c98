import { Connection, type ConnectionConfiguration } from "tedious";
import { hasPassword, type MsSqlConfig } from "./config";
import { hookFault, hookRows } from "./rows/hook";

const CONNECT_TIMEOUT_MS = 10_000;
const CANCEL_TIMEOUT_MS = 5_000;
/** The largest that TLS takes: 2 to 6 % faster than the default of 4,096. */
const PACKET_SIZE = 16_383;

/** Settings of a connection that only tests change. */
export interface ConnectionTuning {
  /** Bytes of a TDS packet, 512 to 32,767; default 16,383. */
  readonly packetSize?: number;
}

/** An open connection. */
export interface Session {
  readonly config: MsSqlConfig;
  readonly connection: Connection;
  /** Why rows are read by the driver's own parser; undefined when ours reads them. */
  readonly hookFault?: string;
  /** True once the server or the network cut it, or an answer made no sense. */
  isBroken(): boolean;
  /** Gives it up; requests that run fail. */
  close(): void;
}

/** Opens a connection. Errors are those of the driver, with the server's number where it gave one. */
export async function openSession(config: MsSqlConfig, tuning: ConnectionTuning = {}): Promise<Session> {
  const fault = await hookFault();
  const connection = new Connection(driverConfig(config, tuning));
  let broken = false;
  const markBroken = (): void => {
    broken = true;
  };
  await connect(connection);
  connection.on("error", markBroken);
  connection.on("end", markBroken);
  const unhooked = fault ?? (hookRows(connection) ? undefined : "the driver's connection has no place for it");
  return {
    config,
    connection,
    ...(unhooked === undefined ? {} : { hookFault: unhooked }),
    isBroken: () => broken,
    close: () => {
      markBroken();
      connection.close();
    },
  };
}

function connect(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    let number: number | undefined;
    // The driver keeps the number of a refused login to itself.
    connection.on("errorMessage", (token: { number?: number }) => {
      number ??= token.number;
    });
    connection.on("error", () => undefined);
    connection.connect((error) => {
      connection.removeAllListeners("errorMessage");
      if (error === undefined) {
        resolve();
        return;
      }
      connection.close();
      reject(number === undefined ? error : Object.assign(error, { number }));
    });
  });
}

function driverConfig(config: MsSqlConfig, tuning: ConnectionTuning): ConnectionConfiguration {
  return {
    server: config.host,
    authentication: {
      type: "default",
      options: { userName: config.user, password: hasPassword(config) ? config.password : "" },
    },
    options: {
      port: config.port,
      database: config.database,
      encrypt: config.encrypt ?? true,
      trustServerCertificate: config.trustServerCertificate ?? false,
      appName: config.applicationName ?? "pulumi-cdc",
      connectTimeout: CONNECT_TIMEOUT_MS,
      cancelTimeout: CANCEL_TIMEOUT_MS,
      requestTimeout: 0,
      packetSize: tuning.packetSize ?? PACKET_SIZE,
      useColumnNames: false,
      rowCollectionOnDone: false,
      rowCollectionOnRequestCompletion: false,
      useUTC: true,
    },
  };
}
