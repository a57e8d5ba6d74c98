import { startSqlServer, type RunningSqlServer } from "../../sandbox/sqlserver";
import type { CdcError } from "../../lib/errors";
import type { MsSqlConfig } from "./config";
import { errorNumber, failureKind, toCdcError } from "./errors";
import { closePools } from "./pool";
import { queryRows } from "./run";

let server: RunningSqlServer;
let config: MsSqlConfig;
beforeAll(async () => {
  server = await startSqlServer({ databases: ["Clinic"] });
  const { host, port, user, password } = server;
  config = { host, port, user, password, database: "Clinic", trustServerCertificate: true };
});
afterAll(async () => {
  closePools();
  await server.stop();
});

const failureOf = (change: Partial<MsSqlConfig>, text = "SELECT 1 AS one"): Promise<unknown> =>
  queryRows({ ...config, ...change }, text, [], { attempts: 1, object: "table dbo.T" }).catch(
    (error: unknown) => error,
  );

describe("a failure to reach the database", () => {
  test.each([
    ["a wrong password", { password: "wrong-secret" }, "CDC_MSSQL_PASSWORD", "cdc:source"],
    ["no password", { password: "" }, "CDC_MSSQL_PASSWORD", "none is set"],
    ["a port nobody listens on", { port: 1 }, "CDC_MSSQL_UNREACHABLE", "host and port"],
    ["an unknown host", { host: "no-such-host.invalid" }, "CDC_MSSQL_UNREACHABLE", "host name"],
    ["a missing database", { database: "Nowhere" }, "CDC_MSSQL_NO_DATABASE", "Check its name"],
    ["a certificate of nobody", { trustServerCertificate: false }, "CDC_MSSQL_CERTIFICATE", "authority"],
  ])("%s is told with place and remedy, without the password", async (_title, change, code, remedy) => {
    const failure = (await failureOf(change)) as CdcError;
    const { host, port, database, user } = { ...config, ...change };
    expect(failure).toMatchObject({
      code,
      message: expect.stringContaining(`${host}:${String(port)}/${database} as ${user}`),
    });
    expect(`${failure.message} ${failure.hint ?? ""}`).toContain(remedy);
    expect(JSON.stringify([failure, failure.message])).not.toContain("wrong-secret");
  });
});

describe("an error of the server", () => {
  test.each([
    ["SELECT * FROM dbo.Missing", "CDC_MSSQL_NO_OBJECT", 208, "stop"],
    ["EXEC sys.sp_cdc_help_change_data_capture", "CDC_MSSQL_NOT_ENABLED", 22901, "stop"],
  ])("of %s has a code, its number and a remedy", async (text, code, number, kind) => {
    const failure = await failureOf({}, text);
    expect(failure).toMatchObject({ code, message: expect.stringContaining("table dbo.T") });
    expect(errorNumber(failure)).toBe(number);
    expect(failureKind(failure)).toBe(kind);
  });

  test.each([
    [{ message: "…", number: 1205 }, "retry"],
    [{ message: "…", number: 313 }, "gap"],
    [{ message: "…", number: 229 }, "stop"],
    [{ message: "…", number: 8134 }, "stop"],
    [{ message: "Failed to connect", code: "ESOCKET", cause: { message: "…", code: "ECONNREFUSED" } }, "retry"],
    [
      { message: "Connection lost - read ECONNRESET", code: "ESOCKET", cause: { message: "…", code: "ECONNRESET" } },
      "retry",
    ],
    [new TypeError("a bug"), "stop"],
  ])("%j: %s", (error, kind) => {
    expect(failureKind(error)).toBe(kind);
    expect(failureKind(toCdcError(error, config))).toBe(kind);
  });

  test("of several errors the one that says most is told", () => {
    const errors = [
      { message: "Could not update the metadata", number: 22832 },
      { message: "The name is taken", number: 22926 },
    ];
    expect(toCdcError({ message: "", errors }, config)).toMatchObject({
      code: "CDC_MSSQL_INSTANCE_NAME",
      message: expect.stringContaining("The name is taken (error 22926)"),
    });
  });

  test("a password inside a server's text is masked", () => {
    expect(toCdcError(new Error(`cannot use ${config.password ?? ""}`), config).message).not.toContain(config.password);
  });
});
