import { packageVersion } from "../../../lib/package-root";
import type { Provider } from "../../sdk/provider";
import { COUNTER_SCHEMA, counterProblem, type CounterConfig } from "./config";
import { counterInput } from "./input";

/** The input `counter`: numbers, to try a task or to measure it. */
export const counterProvider: Provider<CounterConfig> = {
  name: "counter",
  version: packageVersion(),
  schema: COUNTER_SCHEMA,
  validate: counterProblem,
  input: counterInput,
};
