import { QueueAdministration } from "../../../databases/servicebus/administration";
import { ServiceBusFailure } from "../../../databases/servicebus/errors";
import { messagesIn } from "../../../databases/servicebus/queue-settings";
import { serviceBusConnectionName, serviceBusVariables } from "../../../databases/servicebus/settings";
import { CdcError } from "../../../lib/errors";
import type { QueuedTable } from "../../../model/queue-name";
import { QueueNames } from "../../../model/queue-names";
import type { Json, ResourceSpec } from "../../../model/resource-spec";
import { parseTableName } from "../../../model/table-name";
import { DEFAULT_DEAD_LETTER_QUEUE } from "../../../stream/sinks/servicebus/sink-options";
import type {
  BuiltInInfrastructure,
  Contribution,
  ContributionContext,
  DeployedTaskResource,
  Holding,
  ProviderConfig,
} from "../../lifecycle/contribution";
import { accessOf, namingOf, settingsOf, type ServiceBusOutputConfig } from "./config";

/** What the output servicebus needs: a queue per table that comes down the stream, and one for dead letters. */
export const infrastructure: BuiltInInfrastructure = {
  // In a promise, so that what it throws is a rejection.
  contribute: (config, upstream, context) =>
    Promise.resolve().then(() => ({ resources: queuesOf(config, upstream, context) })),
  environment: (config, { environment }) => {
    const { connection_string: connectionString, namespace, managed_identity } = config as ServiceBusOutputConfig;
    const clientId = managed_identity?.client_id;
    return serviceBusVariables(environment, {
      ...(connectionString === undefined ? {} : { connectionString }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(clientId === undefined ? {} : { clientId }),
    });
  },
  holdings: (deployed, config) => holdingsOf(deployed, config),
};

/** Name of the namespace in the connections of the task's resources. */
const NAMESPACE = "output";

function queuesOf(
  config: ServiceBusOutputConfig,
  upstream: Contribution | undefined,
  { environment }: ContributionContext,
): ResourceSpec[] {
  const connection = serviceBusConnectionName({ environment, name: NAMESPACE });
  const settings = { ...settingsOf(config) } as Record<string, Json>;
  const deadLetters = config.dead_letter_queue ?? DEFAULT_DEAD_LETTER_QUEUE;
  const names = new QueueNames({ ...namingOf(config), reserved: [deadLetters] });
  const queues = new Set(tablesOf(config, upstream).map((table) => nameOf(names, table)));
  const spec = (name: string, more: Record<string, Json>): ResourceSpec => ({
    type: "EventQueue",
    name,
    args: { connection, name, ...settings, ...more },
  });
  return [...[...queues].map((name) => spec(name, {})), spec(deadLetters, { requiresSession: false })];
}

/** Tables that the input tells, else those that the output's own configuration names. */
function tablesOf({ tables = [] }: ServiceBusOutputConfig, upstream: Contribution | undefined): readonly QueuedTable[] {
  const told = upstream?.tables ?? [];
  if (told.length > 0) return told.map(({ definition, ...table }) => table);
  return tables.map((table) => ({ schema: "dbo", ...parseTableName(typeof table === "string" ? table : table.name) }));
}

function nameOf(names: QueueNames, table: QueuedTable): string {
  const answer = names.of(table);
  if ("name" in answer) return answer.name;
  throw new CdcError("CDC_QUEUE_NAME", `table ${table.table} has no queue: ${answer.fault}`, {
    hint: "Name its queue under queues, or change queue_template.",
  });
}

async function holdingsOf(
  deployed: readonly DeployedTaskResource[],
  config: ProviderConfig,
): Promise<readonly Holding[]> {
  const administration = new QueueAdministration(accessOf(config));
  const queues = deployed.filter(({ type }) => type === "EventQueue");
  return Promise.all(
    queues.map(async ({ name, outputs }) => ({
      name,
      count: await messagesOf(administration, typeof outputs["name"] === "string" ? outputs["name"] : name),
      noun: "messages",
    })),
  );
}

async function messagesOf(administration: QueueAdministration, queue: string): Promise<number> {
  try {
    return messagesIn(await administration.counts(queue));
  } catch (error) {
    if (error instanceof ServiceBusFailure && error.kind === "not-found") return 0;
    throw error;
  }
}
