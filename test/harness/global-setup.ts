import { startPostgres, type RunningPostgres } from "../../sandbox/postgres";

declare global {
  var cdcTestPostgres: RunningPostgres | undefined;
}

/** A crash of the test server loses nothing worth keeping, so it needn't wait for the disk. */
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: 200,
  max_wal_size: "2GB",
  autovacuum_naptime: "10min",
};

/** Starts the one PostgreSQL of this test run; CDC_TEST_PG tells the workers where it is. */
export default async function setUp(): Promise<void> {
  const postgres = await startPostgres({ settings: SETTINGS });
  globalThis.cdcTestPostgres = postgres;
  const { host, port, user, password } = postgres;
  process.env["CDC_TEST_PG"] = JSON.stringify({ host, port, user, password });
}
