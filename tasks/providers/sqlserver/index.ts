import { packageVersion } from "../../../lib/package-root";
import type { Provider } from "../../sdk/provider";
import { SQLSERVER_SCHEMA, sqlServerProblem, type SqlServerInputConfig } from "./config";
import { sqlServerInput } from "./input";

/** The input `sqlserver`. */
export function sqlServerProvider(): Provider<SqlServerInputConfig> {
  return {
    name: "sqlserver",
    version: packageVersion(),
    schema: SQLSERVER_SCHEMA,
    validate: sqlServerProblem,
    input: sqlServerInput(),
  };
}
