import { connectionName, parseConnectionName, sinkPgConfig } from "./settings";

const connection = { environment: "dev-2", sink: "main.directory" };

test("a connection name comes back as its parts", () => {
  expect(parseConnectionName(connectionName(connection))).toEqual(connection);
});

test("stack config is stronger than the environment, a sink's own settings than both", () => {
  const env = { PG_DEV_2_HOST: "env-host", PG_DEV_2_PORT: "6000", PG_DEV_2_PASSWORD: "env" };
  const sink = { host: "stack-host", user: "deployer" };
  const sinks = { "main.directory": { host: "own-host", ssl: true } };
  expect(sinkPgConfig(connection, "db", { env })).toEqual({
    host: "env-host",
    port: 6000,
    user: "postgres",
    password: "env",
    database: "db",
  });
  expect(sinkPgConfig(connection, "db", { env, sink })).toMatchObject({
    host: "stack-host",
    port: 6000,
    user: "deployer",
  });
  expect(sinkPgConfig(connection, "db", { env, sink, sinks })).toMatchObject({
    host: "own-host",
    user: "deployer",
    ssl: "require",
  });
});

test("a missing host is an error that says how to set it", () => {
  expect(() => sinkPgConfig(connection, "db", { env: { PG_DEV_2_HOST: "" } })).toThrow(
    expect.objectContaining({
      message: expect.stringContaining("main.directory"),
      hint: expect.stringContaining("PG_DEV_2_HOST"),
    }),
  );
});

test("a port that is none is refused", () => {
  expect(() => sinkPgConfig(connection, "db", { env: {}, sink: { host: "h", port: "54x" } })).toThrow("54x");
});
