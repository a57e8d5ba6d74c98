import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { eventually } from "../../test/harness/eventually";
import { Session } from "./session";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const OPEN = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
const open = async () => (await database.query(OPEN)).rows;

test("a session that is closed while it works leaves no connection, and opens none again", async () => {
  const before = (await open()).length;
  const session = new Session(database.config);
  const work = session.run("a look", (client) => client.query("SELECT pg_sleep(0.2)"));
  work.catch(() => undefined);
  await eventually(async () => expect(await open()).toContainEqual({ query: "SELECT pg_sleep(0.2)" }));
  await session.close();
  await expect(work).rejects.toThrow();
  await eventually(async () => expect(await open()).toHaveLength(before));
});
