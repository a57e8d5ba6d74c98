import { join } from "node:path";
import type { RunningPostgres } from "../../sandbox/postgres";
import { runProgram } from "./run-program";

/** Names of the files as node-pg-migrate orders them. */
export function nodePgMigrateName(index: number, name: string): string {
  return `${String(1_700_000_000_000 + index)}_${name}.sql`;
}

/** Applies all files of a folder as its command does by default: in one transaction, with a history row each. */
export async function nodePgMigrate(
  folder: string,
  database: string,
  { host, port, user, password }: RunningPostgres,
): Promise<void> {
  const home = join(require.resolve("node-pg-migrate/package.json"), "..");
  const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const command = [join(home, "bin", "node-pg-migrate.js"), "up", "-m", folder, "--no-verbose"];
  await runProgram(process.execPath, command, { DATABASE_URL: url });
}
