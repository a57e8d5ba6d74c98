import { readFileSync } from "node:fs";
import type { BenchContext } from "../bench";
import { runProgram, starts } from "./run-program";

/** Applies a script in one transaction. Where there is no psql the same single message goes from here: the server does the same work. */
export async function psqlOneTransaction(file: string, database: string, context: BenchContext): Promise<void> {
  const { host, port, user, password } = context.postgres;
  if (!(await havePsql())) {
    const client = await context.connect(database);
    await client.query(readFileSync(file, "utf8"));
    return;
  }
  const target = ["-h", host, "-p", String(port), "-U", user, "-d", database];
  const environment = { PGPASSWORD: password, PGOPTIONS: "-c client_min_messages=warning" };
  await runProgram("psql", [...target, "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", file], environment);
}

let known: Promise<boolean> | undefined;

function havePsql(): Promise<boolean> {
  return (known ??= starts("psql"));
}
