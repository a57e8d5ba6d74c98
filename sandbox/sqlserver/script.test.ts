import { SCRIPT } from "../../test/fixtures/sql-server";
import { testServer, type Client, type TestServer } from "../../test/harness/sql-server";

/** The same statements can be sent to a real server: MSSQL_TEST_URL=mssql://sa:…@host:1433/master npx jest script */
describe("the script of statements", () => {
  const database = `cdc_script_${process.pid}`;
  let server: TestServer;
  let client: Client;

  beforeAll(async () => {
    server = await testServer();
    const first = await server.connect();
    await first.batch(`CREATE DATABASE ${database}`);
    await first.close();
    client = await server.connect(database);
  });

  afterAll(async () => {
    await client.batch(`USE master; DROP DATABASE ${database}`);
    await client.close();
    await server.stop();
  });

  describe.each(SCRIPT)("$part", ({ steps }) => {
    test.each(steps)("%s", async (sql, expected) => {
      expect((await client.batch(sql)).text).toBe(expected);
    });
  });
});
