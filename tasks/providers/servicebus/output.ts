import { ClaimStore } from "../../../databases/azure-blob/claim-store";
import { QueueAdministration } from "../../../databases/servicebus/administration";
import { claimCheck } from "../../../stream/sinks/servicebus/claim-check";
import { buryOversize, type OversizePolicy } from "../../../stream/sinks/servicebus/oversize";
import { DEFAULT_RETRY } from "../../../stream/sinks/servicebus/persistence";
import { ServiceBusSink } from "../../../stream/sinks/servicebus/service-bus-sink";
import type { SinkOptions } from "../../../stream/sinks/servicebus/sink-options";
import type { OutputProvider } from "../../sdk/provider";
import { accessOf, namingOf, settingsOf, type ServiceBusOutputConfig } from "./config";
import { SinkReporter } from "./sink-reporter";

/** Sends what comes to the queues of its tables. */
export function serviceBusOutput(): OutputProvider<ServiceBusOutputConfig> {
  let sink: ServiceBusSink | undefined;
  return {
    async open(config, { log }) {
      const reporter = new SinkReporter(log);
      sink = await ServiceBusSink.open(accessOf(config), {
        ...sinkOptions(config),
        onEvent: (event) => reporter.report(event),
      });
    },
    write: (batch) => {
      if (sink === undefined) throw new Error("the sink is not open");
      return sink.write(batch.blocks);
    },
    close: async () => sink?.close(),
  };
}

/** How the configuration wants changes to be sent. */
export function sinkOptions(config: ServiceBusOutputConfig): SinkOptions {
  const {
    dead_letter_queue: deadLetterQueue,
    send_timeout_s: timeout,
    sends_at_once: sendsAtOnce,
    retry = {},
  } = config;
  return {
    naming: namingOf(config),
    tables: (config.tables ?? []).map((table) => (typeof table === "string" ? { name: table } : table)),
    oversize: oversizeOf(config),
    retry: {
      firstMs: retry.first_ms ?? DEFAULT_RETRY.firstMs,
      longestMs: retry.longest_ms ?? DEFAULT_RETRY.longestMs,
      ...(retry.give_up_s === undefined ? {} : { giveUpMs: retry.give_up_s * 1_000 }),
    },
    ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
    ...(sendsAtOnce === undefined ? {} : { sendsAtOnce }),
    ...(config.unknown_queue === "create" ? { createQueue: queueMaker(config) } : {}),
  };
}

function oversizeOf({ oversize, managed_identity }: ServiceBusOutputConfig): OversizePolicy {
  if (oversize?.policy !== "claim_check") return buryOversize;
  const { connection_string: connectionString, account_url: accountUrl, container = "cdc-oversize" } = oversize;
  const clientId = managed_identity?.client_id;
  return claimCheck(
    new ClaimStore({
      container,
      ...(connectionString === undefined ? {} : { connectionString }),
      ...(accountUrl === undefined ? {} : { accountUrl }),
      ...(clientId === undefined ? {} : { clientId }),
    }),
  );
}

function queueMaker(config: ServiceBusOutputConfig): (queue: string) => Promise<void> {
  const administration = new QueueAdministration(accessOf(config));
  return async (queue) => {
    await administration.create(queue, settingsOf(config));
  };
}
