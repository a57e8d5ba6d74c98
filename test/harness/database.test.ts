import { createTestDatabase, type TestDatabase } from "./database";

describe("the test database", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  test("is PostgreSQL 18, in UTF-8, on the loopback address", async () => {
    const { rows } = await database.query<{ major: number; encoding: string; listen: string }>(`
      SELECT current_setting('server_version_num')::int / 10000 AS major,
             current_setting('server_encoding') AS encoding,
             current_setting('listen_addresses') AS listen`);
    expect(rows).toEqual([{ major: 18, encoding: "UTF8", listen: "127.0.0.1" }]);
  });

  test("keeps its sessions apart", async () => {
    await database.query("CREATE TABLE shared (n int)");
    await database.query("BEGIN; INSERT INTO shared VALUES (1)");
    const other = await database.connect();
    expect((await other.query("SELECT * FROM shared")).rows).toEqual([]);
    await database.query("COMMIT");
    expect((await other.query("SELECT * FROM shared")).rows).toEqual([{ n: 1 }]);
  });
});
