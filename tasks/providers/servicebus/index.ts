import { packageVersion } from "../../../lib/package-root";
import type { Provider } from "../../sdk/provider";
import { SERVICEBUS_SCHEMA, serviceBusProblem, type ServiceBusOutputConfig } from "./config";
import { serviceBusOutput } from "./output";

/** The output `servicebus`. */
export function serviceBusProvider(): Provider<ServiceBusOutputConfig> {
  return {
    name: "servicebus",
    version: packageVersion(),
    schema: SERVICEBUS_SCHEMA,
    validate: serviceBusProblem,
    output: serviceBusOutput(),
    // Queues that are done with one batch get the next one, while others still wait for their answers.
    batch: { inFlight: 4 },
  };
}
