import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import type { PgConfig } from "./config";
import { toCdcError } from "./errors";
import { closePools } from "./pool";
import { queryRows } from "./run";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(async () => {
  await closePools();
  await db.drop();
});

describe("a failure to reach the database", () => {
  test.each([
    ["a wrong password", { password: "wrong-secret" }, "CDC_PG_PASSWORD", "cdc:sink"],
    ["no password", { password: "" }, "CDC_PG_PASSWORD", "cdc:sink"],
    ["a port nobody listens on", { port: 1 }, "CDC_PG_UNREACHABLE", "host and port"],
    ["an unknown host", { host: "no-such-host.invalid" }, "CDC_PG_UNREACHABLE", "host name"],
    ["a missing database", { database: "no_such_database" }, "CDC_PG_NO_DATABASE", "Create it"],
  ])("%s is told with place and remedy, without the password", async (_title, change, code, remedy) => {
    const config: PgConfig = { ...db.config, ...change };
    const failure: unknown = await queryRows(config, "SELECT 1", [], { attempts: 1 }).catch((error: unknown) => error);
    const message = `${config.host}:${String(config.port)}/${config.database} as ${config.user}`;
    expect(failure).toMatchObject({
      code,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(remedy),
    });
    expect(JSON.stringify([failure, (failure as Error).message])).not.toContain("wrong-secret");
  });
});

test("a password inside a server's text is masked", () => {
  const config = { host: "h", port: 1, user: "u", database: "d", password: "hunter2!" };
  expect(toCdcError(new Error("cannot use hunter2! here"), config).message).not.toContain("hunter2!");
});

test("an error without a known code keeps the server's text and names the object", () => {
  const config = { host: "h", port: 1, user: "u", database: "d" };
  expect(toCdcError(new Error("odd"), config, "table a.b").message).toBe("PostgreSQL h:1/d as u (table a.b): odd");
});
