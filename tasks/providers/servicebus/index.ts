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
    // Small ones, since nothing is sent while one is being parsed.
    batch: { maxBytes: 128 * 1024, inFlight: 32 },
  };
}
