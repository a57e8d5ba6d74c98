import { packageVersion } from "../../../lib/package-root";
import type { Provider } from "../../sdk/provider";
import { CONSOLE_SCHEMA, consoleProblem, type ConsoleConfig } from "./config";
import { consoleOutput } from "./output";

/** The output `console`: prints what comes. */
export function consoleProvider(): Provider<ConsoleConfig> {
  return {
    name: "console",
    version: packageVersion(),
    schema: CONSOLE_SCHEMA,
    validate: consoleProblem,
    output: consoleOutput(),
  };
}
