import { packageVersion } from "../../../lib/package-root";
import type { Provider } from "../../sdk/provider";
import { POSTGRES_SCHEMA, postgresProblem, type PostgresOutputConfig } from "./config";
import { postgresOutput } from "./output";

const MOST_LINES = 20_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** The output `postgres`. */
export function postgresProvider(): Provider<PostgresOutputConfig> {
  return {
    name: "postgres",
    version: packageVersion(),
    schema: POSTGRES_SCHEMA,
    validate: postgresProblem,
    output: postgresOutput(),
    batch: { maxLines: MOST_LINES, maxBytes: MOST_BYTES },
  };
}
