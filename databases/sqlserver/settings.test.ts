import { sourceMsSqlConfig } from "./settings";

const connection = { environment: "dev-2", server: "hospital" };

test("stack config is stronger than the environment, a server's own settings than both, files are weakest", () => {
  const servers = { hospital: { host: "file-host", user: "file-user", port: "1500", password: "file" } };
  const env = { MSSQL_DEV_2_HOST: "env-host", MSSQL_DEV_2_PASSWORD: "env", MSSQL_DEV_2_USER: "" };
  const source = { host: "stack-host" };
  const sources = { hospital: { host: "own-host", encrypt: "false" } };
  expect(sourceMsSqlConfig(connection, "Clinic", { env, servers })).toEqual({
    host: "env-host",
    port: 1500,
    user: "file-user",
    password: "env",
    database: "Clinic",
    encrypt: true,
    trustServerCertificate: false,
  });
  expect(sourceMsSqlConfig(connection, "Clinic", { env, servers, source })).toMatchObject({ host: "stack-host" });
  expect(sourceMsSqlConfig(connection, "Clinic", { env, servers, source, sources })).toMatchObject({
    host: "own-host",
    encrypt: false,
  });
});

test("everything can come from the environment alone", () => {
  const env = {
    MSSQL_DEV_2_HOST: "h",
    MSSQL_DEV_2_PORT: "1444",
    MSSQL_DEV_2_USER: "reader",
    MSSQL_DEV_2_PASSWORD: "p",
    MSSQL_DEV_2_ENCRYPT: "no",
    MSSQL_DEV_2_TRUST_SERVER_CERTIFICATE: "true",
  };
  expect(sourceMsSqlConfig(connection, "Clinic", { env })).toEqual({
    host: "h",
    port: 1444,
    user: "reader",
    password: "p",
    database: "Clinic",
    encrypt: false,
    trustServerCertificate: true,
  });
});

test.each([
  ["host", {}, "MSSQL_DEV_2_HOST"],
  ["user", { MSSQL_DEV_2_HOST: "h" }, "cdc:sources.hospital.user"],
])("a missing %s is an error that says how to set it", (name, env, remedy) => {
  expect(() => sourceMsSqlConfig(connection, "Clinic", { env })).toThrow(
    expect.objectContaining({
      code: "CDC_MSSQL_NOT_CONFIGURED",
      message: `no ${name} is set for SQL Server hospital in environment dev-2`,
      hint: expect.stringContaining(remedy),
    }),
  );
});

test.each([
  [{ port: "14x" }, "the port of SQL Server hospital is not a port number: 14x"],
  [{ encrypt: "flase" }, "the encrypt of SQL Server hospital is neither true nor false: flase"],
  [{ trustServerCertificate: "sure" }, "neither true nor false: sure"],
])("%j is refused, not guessed", (written, message) => {
  const sources = { env: {}, source: { host: "h", user: "u", ...written } };
  expect(() => sourceMsSqlConfig(connection, "Clinic", sources)).toThrow(message);
});
